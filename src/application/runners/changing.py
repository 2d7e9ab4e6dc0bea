"""How every change of a runner goes: find it by id or name, lock it, decide, save, say how it is now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...domain.errors import FieldProblem
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner
from ..ports.runners import Runners
from ..ports.work import Begin, RunnersWork
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """When something ends by itself: at a moment, or so many seconds from now by the store's clock."""

    until: datetime | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.seconds is not None:
            raise InvalidRunner([FieldProblem("/seconds", "stands beside `until`; leave one of them out")])
        if self.until is not None and not 1 < self.until.year < 9999:
            raise InvalidRunner([FieldProblem("/until", "must be between the years 2 and 9998")])
        if self.seconds is not None and not 0 <= self.seconds <= 366 * 86400:
            raise InvalidRunner([FieldProblem("/seconds", "must be from 0 to 31622400")])

    def at(self, now: datetime) -> datetime | None:
        """The moment, or None: it does not end by itself."""
        return self.until if self.seconds is None else now + timedelta(seconds=self.seconds)


NEVER = End()


def found(runners: Runners, which: str) -> Runner:
    """The runner of this name or id, locked, or `RunnerNotFound`."""
    return runners.named(which) or runners.lock(RunnerId(which))


def changed(begin: Begin[RunnersWork], which: str, move: Callable[[Runner, datetime], Runner]) -> RunnerStatus:
    """The runner after the move, durable."""
    with begin() as work:
        runner, now = found(work.runners, which), work.now()
        after = move(runner, now)
        if after != runner:
            work.runners.save(after)
        status = RunnerStatus(after, work.reading.count_live_on(after.id), now)
        work.commit()
    return status
