"""Use cases of runners."""
