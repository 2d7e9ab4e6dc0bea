"""Sizes: those of every day, or with `RUNYARD_AGENTS_FULL=1` the whole ones, which take half an hour."""

import os
from typing import TypeVar

T = TypeVar("T")

FULL = bool(os.environ.get("RUNYARD_AGENTS_FULL"))


def sized(usual: T, full: T) -> T:
    """The one or the other."""
    return full if FULL else usual
