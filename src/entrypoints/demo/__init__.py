"""`python -m runyard.entrypoints.demo`: from nothing to a finished job, on one screen."""
