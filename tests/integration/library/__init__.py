"""Runyard as a library."""
