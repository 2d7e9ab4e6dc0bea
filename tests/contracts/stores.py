"""What the suites need of a store, and a starting gate for races."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Barrier
from typing import Any, Protocol, TypeVar

from runyard.application.ports.accounts_work import AccountsReading, AccountsWork
from runyard.application.ports.attempt_tokens import HoldersReading
from runyard.application.ports.audit import TrailLook, TrailWork
from runyard.application.ports.crowds import CrowdsReading
from runyard.application.ports.jobs import (
    BelongingReading,
    Change,
    DispatchReading,
    JobReading,
    JobRecord,
    NewJob,
    RecordReading,
)
from runyard.application.ports.leases import LeasesWork
from runyard.application.ports.limits import Limits
from runyard.application.ports.limits_work import LimitsReading, LimitsWork
from runyard.application.ports.moving_work import ExportReading, ImportWork
from runyard.application.ports.passes import PassesReading, PassesWork
from runyard.application.ports.projects import ProjectReading, Projects
from runyard.application.ports.queues import Queues
from runyard.application.ports.runner_events import RunnerEventsLook, RunnerEventsWork
from runyard.application.ports.secret_work import SecretsReading, SecretsWork
from runyard.application.ports.work import (
    AssignWork,
    AuditReading,
    ExplainReading,
    KeysWork,
    LeftoversWork,
    PurgeWork,
)
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job

T = TypeVar("T")


class Looks(JobReading, DispatchReading, RecordReading, BelongingReading, Protocol):
    """Every way to look at jobs."""


class Work(
    AccountsWork,
    AssignWork,
    KeysWork,
    LeasesWork,
    PurgeWork,
    ImportWork,
    LeftoversWork,
    LimitsWork,
    SecretsWork,
    PassesWork,
    RunnerEventsWork,
    TrailWork,
    Protocol,
):
    @property
    def reading(self) -> Looks: ...

    @property
    def queues(self) -> Queues: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def projects(self) -> Projects: ...


class Read(
    LimitsReading,
    AccountsReading,
    ExplainReading,
    AuditReading,
    ExportReading,
    SecretsReading,
    PassesReading,
    HoldersReading,
    RunnerEventsLook,
    CrowdsReading,
    TrailLook,
    Protocol,
):
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


def at_each_gate(
    rounds: int, *acts: Callable[[int], Any], first: Callable[[int], object] = lambda _: None
) -> list[tuple[Any, ...]]:
    """What each act made of each round, a thread for each act; all are released together, after `first` was done."""
    over, gate = Barrier(len(acts)), Barrier(len(acts))

    def one(number: int, place: int) -> Any:
        over.wait()
        if place == 0:
            first(number)
        gate.wait()
        return acts[place](number)

    def take_part(place: int) -> list[Any]:
        try:
            return [one(number, place) for number in range(rounds)]
        except BaseException:  # nobody shall wait for who does not come any more
            over.abort()
            gate.abort()
            raise

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(zip(*threads.map(take_part, range(len(acts))), strict=True))


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
