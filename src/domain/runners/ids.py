"""Identities of runners and drivers."""

from typing import NewType

RunnerId = NewType("RunnerId", str)
"""A UUID in its canonical lower-case form."""

DriverId = NewType("DriverId", str)
"""Names the process that drives a runner; the same after a restart of the same installation."""
