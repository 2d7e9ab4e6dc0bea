"""What can be struck: an installation, whatever it is made of."""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from runyard.entrypoints.client.client import Client

from .harm import Harm
from .plan import Plan

Blow = Callable[[random.Random], None]
"""Deals one blow, and returns when what was struck is up again."""


class House(Protocol):
    """Processes that run jobs, and ways to hurt them."""

    database_url: str
    services: frozenset[str]
    """Which blows start a service anew: it would end with the thread that did so, so the main thread has to."""

    @property
    def blows(self) -> Mapping[str, Blow]:
        """What can be done to it, by name."""

    def wanted(self, plan: Plan) -> dict[str, int]:
        """How many of which blows that plan means here."""

    def meanwhile(self, plan: Plan) -> AbstractContextManager[object]:
        """What goes on all the while."""

    def client(self, dice: random.Random) -> Client:
        """A client of some server, which may be dead."""

    def harms(self) -> Sequence[Harm]:
        """What was done to supervisors so far."""

    def told(self) -> Sequence[str]:
        """What else was seen, a line each."""
