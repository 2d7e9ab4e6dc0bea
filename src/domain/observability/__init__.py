"""Seeing that all is well: what must always hold of everything that is stored."""
