"""Texts that are sent to a host and run there: standard library only, Python 3.8 or newer, no imports of ours."""
