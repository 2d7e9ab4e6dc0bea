"""Hypothesis calls the use cases in any order; a small model says what must have come of it."""
