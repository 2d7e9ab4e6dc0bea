"""What keeps work from a host, as far as it is known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something does not go on there, and since when that is so."""

    why: str
    since: datetime

    @classmethod
    def lasting(cls, why: str | None, before: Self | None, *, now: datetime) -> Self | None:
        """This, since it was said `before`, if it was, whatever was the reason then; None is none."""
        return None if why is None else cls(why, before.since if before else now)
