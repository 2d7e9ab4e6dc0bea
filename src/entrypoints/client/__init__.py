"""A client of the HTTP interface: typed, synchronous, at home in the base installation."""

from .client import Client, connect

__all__ = ["Client", "connect"]
