"""What the suites need of a store, and a starting gate for races."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Barrier
from typing import Protocol, TypeVar

from runyard.application.ports.jobs import (
    BelongingReading,
    Change,
    DispatchReading,
    JobReading,
    JobRecord,
    NewJob,
    RecordReading,
)
from runyard.application.ports.projects import ProjectReading, Projects
from runyard.application.ports.queues import Queues
from runyard.application.ports.work import (
    AuditReading,
    ExplainReading,
    ExportReading,
    ImportWork,
    KeysWork,
    PurgeWork,
    RunnersWork,
)
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job

T = TypeVar("T")


class Looks(JobReading, DispatchReading, RecordReading, BelongingReading, Protocol):
    """Every way to look at jobs."""


class Work(RunnersWork, KeysWork, PurgeWork, ImportWork, Protocol):
    @property
    def reading(self) -> Looks: ...

    @property
    def queues(self) -> Queues: ...

    @property
    def projects(self) -> Projects: ...


class Read(ExplainReading, AuditReading, ExportReading, Protocol):
    @property
    def jobs(self) -> Looks: ...

    @property
    def projects(self) -> ProjectReading: ...


class Store(Protocol):
    """Where units of work begin."""

    def begin(self) -> AbstractContextManager[Work]: ...

    def read(self) -> AbstractContextManager[Read]: ...


def at_once(many: int, act: Callable[[int], T]) -> list[T]:
    """What each of so many threads made of it, all released together."""
    gate = Barrier(many)

    def wait_and_act(number: int) -> T:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(many) as threads:
        return list(threads.map(wait_and_act, range(many)))


def store_all(store: Store, jobs: Iterable[NewJob]) -> list[NewJob]:
    jobs = list(jobs)
    with store.begin() as work:
        work.jobs.add_all(jobs)
        work.commit()
    return jobs


def stored(store: Store, new: NewJob) -> Job:
    """The job as it is read back after it was stored."""
    store_all(store, [new])
    return record(store, new.job.id).job


def record(store: Store, job_id: JobId) -> JobRecord:
    with store.read() as reading:
        return reading.jobs.get(job_id)


def save(store: Store, *changes: Change) -> None:
    with store.begin() as work:
        work.jobs.save_all(changes)
        work.commit()
