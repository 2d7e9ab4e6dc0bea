"""The events of runners."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ...domain.runners.events import RunnerEvent, RunnerEventPage
from ...domain.runners.ids import RunnerId
from .state import State


class MemoryRunnerEvents:
    """Events, to read and to add."""

    def __init__(self, state: State) -> None:
        self._state = state

    def page(self, runner_id: RunnerId, *, after: int | None, limit: int) -> RunnerEventPage:
        mine = [each for each in self._state.runner_events.values() if each.runner_id == runner_id]
        found = [each for each in sorted(mine, key=_by_id, reverse=True) if after is None or each.id < after]
        return RunnerEventPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def oldest(self, *, after: int, limit: int) -> list[RunnerEvent]:
        return sorted((each for each in self._state.runner_events.values() if each.id > after), key=_by_id)[:limit]

    def append(self, events: Sequence[RunnerEvent]) -> None:
        for event in events:
            number = max(self._state.runner_events, default=0) + 1
            self._state.runner_events[number] = replace(event, id=number)

    def forget(self, before: datetime, most: int) -> int:
        old = sorted((each.at, each.id) for each in self._state.runner_events.values() if each.at < before)[:most]
        for _, number in old:
            del self._state.runner_events[number]
        return len(old)


def _by_id(event: RunnerEvent) -> int:
    return event.id
