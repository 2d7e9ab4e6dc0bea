"""How every change of a runner goes: find it by id or name, lock it, decide, save, say how it is now."""

from collections.abc import Callable
from datetime import datetime

from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner
from ..ports.runners import Runners
from ..ports.work import Begin, RunnersWork
from .status import RunnerStatus


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
