"""Use cases of secrets, and of the keys they are sealed under."""
