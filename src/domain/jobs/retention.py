"""How long what has ended is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .states import JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Whatever limit comes first. A limit that is missing or None keeps for ever.

    `ages` by final state, since the end; `jobs`: so many finished ones, the latest; `output`: so many bytes of output
    in all, the latest. Only what has finished is ever removed.
    """

    ages: Mapping[JobState, timedelta] = field(default_factory=dict)
    jobs: int | None = None
    output: int | None = None

    def ended_before(self, now: datetime) -> dict[JobState, datetime]:
        """The latest end that is too long ago, by final state."""
        return {state: now - age for state, age in self.ages.items()}
