"""Whether a runner takes new work, as one table; what already runs there goes on in every state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from ..errors import Refusal, RunyardError


class AvailabilityState(StrEnum):
    """What an operator last decided."""

    OPEN = "open"
    CORDONED = "cordoned"
    PAUSED = "paused"
    DRAINING = "draining"


class AvailabilityAction(StrEnum):
    """What an operator can decide."""

    CORDON = "cordon"
    UNCORDON = "uncordon"
    PAUSE = "pause"
    DRAIN = "drain"


_S, _A = AvailabilityState, AvailabilityAction

# A pause ends by itself. Of what is closed until somebody opens it, it would make something that opens itself.
TRANSITIONS: Final[Mapping[tuple[AvailabilityState, AvailabilityAction], AvailabilityState]] = {
    (_S.OPEN, _A.CORDON): _S.CORDONED,
    (_S.OPEN, _A.UNCORDON): _S.OPEN,
    (_S.OPEN, _A.PAUSE): _S.PAUSED,
    (_S.OPEN, _A.DRAIN): _S.DRAINING,
    (_S.CORDONED, _A.CORDON): _S.CORDONED,
    (_S.CORDONED, _A.UNCORDON): _S.OPEN,
    (_S.CORDONED, _A.DRAIN): _S.DRAINING,
    (_S.PAUSED, _A.CORDON): _S.CORDONED,
    (_S.PAUSED, _A.UNCORDON): _S.OPEN,
    (_S.PAUSED, _A.PAUSE): _S.PAUSED,
    (_S.PAUSED, _A.DRAIN): _S.DRAINING,
    (_S.DRAINING, _A.CORDON): _S.CORDONED,
    (_S.DRAINING, _A.UNCORDON): _S.OPEN,
    (_S.DRAINING, _A.DRAIN): _S.DRAINING,
}
"""Everything an operator may do; what is not here is refused."""


class IllegalAvailability(RunyardError):
    """The runner's state does not allow the action."""

    refusal = Refusal.CONFLICT
    code = "illegal-runner-action"

    def __init__(self, state: AvailabilityState, action: AvailabilityAction) -> None:
        super().__init__(f"a {state} runner cannot {action}; uncordon it first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """`until` is the end of a pause or the deadline of a drain; `since` when it was decided."""

    state: AvailabilityState = AvailabilityState.OPEN
    until: datetime | None = None
    note: str | None = None
    since: datetime | None = None

    def at(self, now: datetime) -> AvailabilityState:
        """The state that counts at this moment: a pause that is over has left nothing behind."""
        over = self.state is AvailabilityState.PAUSED and self.until is not None and self.until <= now
        return AvailabilityState.OPEN if over else self.state

    def after(
        self, action: AvailabilityAction, *, now: datetime, until: datetime | None = None, note: str | None = None
    ) -> Self:
        """As decided now, or `IllegalAvailability`. Deciding the same again replaces its end and its note."""
        state = self.at(now)
        target = TRANSITIONS.get((state, action))
        if target is None:
            raise IllegalAvailability(state, action)
        if target is AvailabilityState.OPEN:
            return type(self)()
        since = self.since if target is state else now
        return type(self)(state=target, until=until, note=note, since=since)

    def overdue(self, now: datetime) -> bool:
        """Whether this is a drain whose deadline has passed."""
        return self.state is AvailabilityState.DRAINING and self.until is not None and self.until <= now
