"""The HTTP door behind a real server, spoken to by well-behaved clients and by others."""
