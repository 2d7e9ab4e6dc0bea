"""The HTTP door, on the memory store."""
