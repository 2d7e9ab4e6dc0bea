"""Forget events of runners that were kept long enough."""

from dataclasses import dataclass
from datetime import timedelta

from ..ports.runner_events import RunnerEventsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRunnerEventsCommand:
    """No more than so many events in one transaction."""

    most: int = 1000


class ForgetRunnerEvents:
    """Takes one bounded step. With no age it keeps everything for ever."""

    def __init__(self, begin: Begin[RunnerEventsWork], age: timedelta | None) -> None:
        self._begin = begin
        self._age = age

    def execute(self, command: ForgetRunnerEventsCommand) -> int:
        """How many events were removed."""
        if self._age is None:
            return 0
        with self._begin() as work:
            gone = work.runner_events.forget(work.now() - self._age, command.most)
            if gone:
                work.commit()
        return gone
