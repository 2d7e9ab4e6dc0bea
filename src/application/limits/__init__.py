"""What holds projects and their owners to their limits."""
