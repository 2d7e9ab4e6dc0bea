"""Ask who one is."""

from .login import whoami

__all__ = ["whoami"]
