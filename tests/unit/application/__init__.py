"""Use cases on the memory adapters."""
