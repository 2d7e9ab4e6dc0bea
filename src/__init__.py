"""Runyard runs jobs on the machines people already have."""

__version__ = "0.1.0"
