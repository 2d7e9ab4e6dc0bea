"""Attempts under the resident supervisor: its program, the frames spoken with it, and the ways to reach it."""
