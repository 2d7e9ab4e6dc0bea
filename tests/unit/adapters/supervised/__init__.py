"""The parts of the supervisor that need no process."""
