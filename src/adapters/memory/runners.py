"""Runners."""

from collections.abc import Iterator
from datetime import datetime

from ...application.ports.runners import RunnerNameTaken, RunnerRecord
from ...domain.runners.agent import HEARD_OF
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner, RunnerKind
from .state import State


class MemoryRunners:
    """Runners as use cases change them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, runner: Runner) -> None:
        self._keep(runner)

    def lock(self, runner_id: RunnerId) -> Runner:
        if runner_id not in self._state.runners:
            raise RunnerNotFound(runner_id)
        return self._state.runners[runner_id]

    def named(self, name: str) -> Runner | None:
        return next((runner for runner in self._state.runners.values() if runner.name == name), None)

    def save(self, runner: Runner) -> None:
        self.lock(runner.id)
        self._keep(runner)

    def remove(self, runner_id: RunnerId) -> None:
        self.lock(runner_id)
        del self._state.runners[runner_id]
        for each in [each for each in self._state.passes.values() if each.runner_id == runner_id]:
            del self._state.passes[each.id]
        for event in [event for event in self._state.runner_events.values() if event.runner_id == runner_id]:
            del self._state.runner_events[event.id]

    def _keep(self, runner: Runner) -> None:
        namesake = self.named(runner.name)
        if namesake and namesake.id != runner.id:
            raise RunnerNameTaken(runner.name)
        self._state.runners[runner.id] = runner


class MemoryRunnerReading:
    """Runners as they are read."""

    def __init__(self, state: State) -> None:
        self._state = state

    def names(self) -> dict[RunnerId, str]:
        return {runner.id: runner.name for runner in self._state.runners.values()}

    def all(self, *, kind: RunnerKind | None = None, state: AvailabilityState | None = None) -> list[RunnerRecord]:
        asked = (each for each in self._state.runners.values() if kind in (None, each.kind))
        found = (each for each in asked if state in (None, each.availability.state))
        return sorted(map(self._record, found), key=lambda record: record.runner.name)

    def each(self, project: str, named: str | None = None) -> Iterator[Runner]:
        there = (each for each in self._state.runners.values() if each.reaches(project))
        yield from sorted(there, key=lambda each: each.name != named)

    def silent(self, now: datetime, since: datetime) -> list[Runner]:
        heard = (each for each in self._state.runners.values() if each.watch.told in HEARD_OF)
        return [each for each in heard if each.driver and (each.driver.until <= now or each.driver.heard_at <= since)]

    def get(self, which: str) -> RunnerRecord:
        by_id = self._state.runners.get(RunnerId(which))
        found = by_id or next((each for each in self._state.runners.values() if each.name == which), None)
        if found is None:
            raise RunnerNotFound(which)
        return self._record(found)

    def _record(self, runner: Runner) -> RunnerRecord:
        live = (job for job in self._state.jobs.values() if job.live and job.current.runner_id == runner.id)
        return RunnerRecord(runner, sum(1 for _ in live))
