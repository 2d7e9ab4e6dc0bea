"""Units of work that end with the events of the runners they changed, in the transaction that they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar, cast

from ...domain.runners.events import RunnerEvent, runner_happenings
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner
from ..audit.acting import who_acts
from ..ports.runner_events import RunnerEventsWork
from ..ports.runners import Runners
from ..ports.work import Begin

W = TypeVar("W")


class Whole(RunnerEventsWork, Protocol):
    """A unit of work over everything."""

    @property
    def runners(self) -> Runners:
        """The runners, to change."""


def eventful(begin: Begin[W]) -> Begin[W]:
    """The same `begin`; what its units of work mean for runners is told when they are committed."""

    @contextmanager
    def telling() -> Iterator[W]:
        with begin() as work:  # whatever a use case asks of it, every unit of work is one over everything
            yield cast("W", _EventfulWork(cast("Whole", work)))

    return telling


class _EventfulWork:
    def __init__(self, work: Whole) -> None:
        self._work = work
        self.runners = _WatchedRunners(work.runners)

    def __getattr__(self, name: str) -> object:
        return getattr(self._work, name)

    def commit(self) -> None:
        changes, deed = self.runners.changes, who_acts()
        happened = [(after.id, each) for before, after in changes for each in runner_happenings(before, after)]
        if happened:
            now, by = self._work.now(), deed.actor.name if deed and deed.actor else None
            events = [
                RunnerEvent(runner_id=runner_id, at=now, kind=each.kind, details=each.details, by=by)
                for runner_id, each in happened
            ]
            self._work.runner_events.append(events)
        self._work.commit()
        self.runners.changes = []


class _WatchedRunners:
    """Runners, with what they were before and what they became."""

    def __init__(self, runners: Runners) -> None:
        self._runners = runners
        self._seen: dict[RunnerId, Runner] = {}
        self.changes: list[tuple[Runner | None, Runner]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._runners, name)

    def lock(self, runner_id: RunnerId) -> Runner:
        return self._looked_at(self._runners.lock(runner_id))

    def named(self, name: str) -> Runner | None:
        found = self._runners.named(name)
        return found and self._looked_at(found)

    def add(self, runner: Runner) -> None:
        self._runners.add(runner)
        self.changes.append((None, runner))
        self._seen[runner.id] = runner

    def save(self, runner: Runner) -> None:
        self._runners.save(runner)
        self.changes.append((self._seen.get(runner.id), runner))
        self._seen[runner.id] = runner

    def remove(self, runner_id: RunnerId) -> None:
        self._runners.remove(runner_id)
        self.changes = [(before, after) for before, after in self.changes if after.id != runner_id]

    def _looked_at(self, runner: Runner) -> Runner:
        self._seen[runner.id] = runner
        return runner
