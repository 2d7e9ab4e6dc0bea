"""No-op jobs, from submitted to stored: the supervisor alone, then the whole path on each store.

The spike of the supervisor reached 1,640 jobs/s with a cgroup for each attempt (DESIGN.md 5, measured on 2 cores).
`RUNYARD_BENCH_JOBS` sets how many, `RUNYARD_BENCH_PROFILE=1` prints where the driver's time goes.
"""

import cProfile
import os
import pstats
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.jobs.list_jobs import ListJobsCommand
from runyard.application.ports.executor import Ended, Receipt, StartOrder
from runyard.application.ports.jobs import JobFilter
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission
from runyard.entrypoints.logging import configure_structlog
from runyard.entrypoints.settings import Settings
from runyard.entrypoints.wiring.embedded import EmbeddedContainer
from tests.integration.postgres import PostgresUnavailable, running_postgres

from .table import show

JOBS = int(os.environ.get("RUNYARD_BENCH_JOBS", "2000"))
PROFILE = bool(os.environ.get("RUNYARD_BENCH_PROFILE"))
SLOTS = 64
_TRUE = Submission(spec=JobSpec(command=("/bin/true",)))


def main() -> None:
    configure_structlog("error")
    rates = {"supervisor alone": _supervisor_alone()}
    with _container() as container:
        rates["whole path, SQLite"] = _whole_path(container)
    try:
        with running_postgres() as server, _container(server.url(server.create())) as container:
            rates["whole path, PostgreSQL"] = _whole_path(container)
    except PostgresUnavailable as missing:
        print(f"no PostgreSQL: {missing}")
    show("jobs/s", rates)


def _supervisor_alone() -> float:
    with _container() as container:
        host = container.adapters.local_host()
        hello = host.hello()
        begun, done, sent = time.perf_counter(), 0, 0
        while done < JOBS:
            window = range(sent, min(JOBS, done + SLOTS))
            sent = window.stop
            if window:
                hello = host.hello()
                host.start(hello, [StartOrder(ref=_ref(number), command=("/bin/true",)) for number in window])
            ended = [event for event in host.events(1.0) if isinstance(event, Ended)]
            host.acknowledge([Receipt(event.ref, 0, final=True) for event in ended])
            done += len(ended)
        rate = JOBS / (time.perf_counter() - begun)
        host.stop_supervisor()
        return rate


def _whole_path(container: EmbeddedContainer) -> float:
    create = container.jobs.create_jobs()
    container.engine().start(SLOTS)
    try:
        create.execute(CreateJobsCommand(submissions=[_TRUE] * 10))
        _wait_until_done(container)
        with _profiled(container):
            begun = time.perf_counter()
            for _ in range(JOBS // 100):
                create.execute(CreateJobsCommand(submissions=[_TRUE] * 100))
            _wait_until_done(container)
            return JOBS / (time.perf_counter() - begun)
    finally:
        container.engine().stop()


def _wait_until_done(container: EmbeddedContainer) -> None:
    waiting = JobFilter(states=frozenset({JobState.QUEUED, JobState.CLAIMED, JobState.RUNNING}))
    while container.jobs.list_jobs().execute(ListJobsCommand(which=waiting, limit=1)).items:
        time.sleep(0.02)


@contextmanager
def _container(url: str | None = None) -> Iterator[EmbeddedContainer]:
    with tempfile.TemporaryDirectory() as folder:
        yield EmbeddedContainer(settings=Settings(data_dir=Path(folder), database_url=url, log_level="error"))


@contextmanager
def _profiled(container: EmbeddedContainer) -> Iterator[None]:
    if not PROFILE:
        yield
        return
    execute: Callable[..., object] = container.jobs.execute_jobs().execute
    profile = cProfile.Profile()

    def profiled(command: object) -> object:
        return profile.runcall(execute, command)

    container.jobs.execute_jobs().execute = profiled
    yield
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def _ref(number: int) -> AttemptRef:
    return AttemptRef(JobId(f"00000000-0000-7000-8000-{number:012x}"), 1)
