"""The real use cases and the real driver under a virtual clock, where everything fails that may fail."""
