"""Runners: the places that take jobs, and who drives them."""
