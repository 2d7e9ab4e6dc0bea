"""Real processes, killed on purpose."""
