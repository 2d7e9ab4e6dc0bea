"""Counting whom limits turn away."""

from typing import Protocol

from ...domain.limits.errors import LimitReached


class Turnstile(Protocol):
    """Somebody who counts refusals. Never fails and never waits."""

    def turned_away(self, refusal: LimitReached) -> None:
        """A submission was refused."""
