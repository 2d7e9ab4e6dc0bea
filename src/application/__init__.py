"""What Runyard does: use cases, one to a file, and the ports they need."""
