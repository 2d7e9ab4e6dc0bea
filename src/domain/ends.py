"""When something ends by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .errors import FieldProblem, InvalidFields

_YEAR_SECONDS: Final = 366 * 86400.0


class InvalidEnd(InvalidFields):
    """A moment that cannot be the end of anything."""

    code = "invalid-end"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """At a moment, or so many seconds from now by the store's clock; neither means that it does not end by itself."""

    until: datetime | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.seconds is not None:
            raise InvalidEnd([FieldProblem("/seconds", "stands beside `until`; leave one of them out")])
        if self.until is not None and not 1 < self.until.year < 9999:
            raise InvalidEnd([FieldProblem("/until", "must be between the years 2 and 9998")])
        if self.seconds is not None and not 0 <= self.seconds <= _YEAR_SECONDS:
            raise InvalidEnd([FieldProblem("/seconds", f"must be from 0 to {_YEAR_SECONDS:.0f}")])

    def at(self, now: datetime) -> datetime | None:
        """The moment, or None."""
        return self.until if self.seconds is None else now + timedelta(seconds=self.seconds)


NEVER: Final = End()
