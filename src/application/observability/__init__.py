"""Use cases that look at everything at once and change nothing."""
