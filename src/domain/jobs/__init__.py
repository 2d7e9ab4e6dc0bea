"""Jobs and their attempts: the life, the limits, the decisions."""
