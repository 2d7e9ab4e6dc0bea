"""Counting what happens, around use cases that know nothing of it. Only what was committed counts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from ..application.ports.jobs import Change, NewJob
from ..domain.observability.happenings import Happening, happenings

Beginning = Callable[[], AbstractContextManager[Any]]


class Meter(Protocol):
    """Somebody who counts. Never fails and never waits."""

    def submitted(self, jobs: int) -> None:
        """So many jobs were accepted."""

    def happened(self, happenings: Iterable[Happening]) -> None:
        """This was committed."""

    def use_case_took(self, name: str, outcome: str, seconds: float) -> None:
        """A use case was executed."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer began so many seconds after its request."""


def metered(begin: Beginning, meter: Meter) -> Beginning:
    """The same `begin`; what its units of work commit is counted."""

    @contextmanager
    def counted() -> Iterator[Any]:
        with begin() as work:
            yield _CountedWork(work, meter)

    return counted


class _CountedWork:
    def __init__(self, work: Any, meter: Meter) -> None:
        self._work, self._meter = work, meter
        self.jobs = _CountedJobs(work.jobs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    def commit(self) -> None:
        self._work.commit()
        seen = self.jobs
        self._meter.submitted(seen.added)
        self._meter.happened([each for change in seen.changes for each in happenings(change.before, change.after)])
        seen.forget()


class _CountedJobs:
    def __init__(self, jobs: Any) -> None:
        self._jobs = jobs
        self.forget()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jobs, name)

    def forget(self) -> None:
        self.added = 0
        self.changes: list[Change] = []

    def add_all(self, jobs: Sequence[NewJob]) -> None:
        self._jobs.add_all(jobs)
        self.added += len(jobs)

    def save_all(self, changes: Sequence[Change]) -> None:
        self._jobs.save_all(changes)
        self.changes += changes
