"""The command line, `runyard`."""

from .program import main

__all__ = ["main"]
