"""What claiming and finishing cost in each store, for 1, 10 and 100 jobs in a transaction."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runyard.adapters.memory.rates import MemoryRates
from runyard.adapters.memory.rings import MemoryRings
from runyard.adapters.memory.room import MemoryRoom
from runyard.adapters.memory.store import MemoryStore
from runyard.adapters.memory.turnstile import MemoryTurnstile
from runyard.adapters.sql.store import open_store
from runyard.adapters.system.clock import MonotonicClock
from runyard.adapters.system.identifiers import UuidIdentifiers
from runyard.adapters.system.tokens import RandomTokens
from runyard.application.jobs.admission import Admission
from runyard.application.jobs.assign_jobs import AssignJobs, AssignJobsCommand
from runyard.application.jobs.create_jobs import CreateJobs, CreateJobsCommand
from runyard.application.jobs.report_outcomes import FencedFact, ReportOutcomes, ReportOutcomesCommand
from runyard.application.limits.submission_limits import SubmissionLimits
from runyard.application.ports.executor import Ended, Hello
from runyard.application.runners.adopt_runner import AdoptRunner, AdoptRunnerCommand
from runyard.application.runners.register_runner import RegisterRunner, RegisterRunnerCommand
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.environment import DeniedVariables
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.submission import Submission
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import RunnerKind
from tests.integration.postgres import PostgresUnavailable, running_postgres

from .table import show

JOBS = 1000
_TRUE = Submission(spec=JobSpec(command=("/bin/true",)))
_HELLO = Hello(nonce="", boot_id="", stamp=0, containment="")
_OUTCOME = Outcome(ending=Ending.EXIT, exit_code=0, tree_empty=True, log_size=0)


class NoControlTasks:
    """Jobs that never come due need no errands."""

    def sweep(self, *, after: float = 0.0) -> None:
        """Nothing."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", lambda: open_store(f"sqlite:///{Path(folder) / 'runyard.db'}"))
    try:
        with running_postgres() as server:
            measure("PostgreSQL", lambda: open_store(server.url(server.create())))
    except PostgresUnavailable as missing:
        print(f"no PostgreSQL: {missing}")
    measure("memory", MemoryStore)


def measure(name: str, opened: Callable[[], Any]) -> None:
    store = opened()
    if not isinstance(store, MemoryStore):
        store.migrate()
    rings = MemoryRings()
    register = RegisterRunner(store.begin, UuidIdentifiers())
    limits = SubmissionLimits(MemoryRates(MonotonicClock()), MemoryTurnstile())
    admission = Admission(MemoryRoom(), DeniedVariables(), limits)
    create = CreateJobs(store.begin, store.read, UuidIdentifiers(), rings, NoControlTasks(), admission)
    assign, report = AssignJobs(store.begin, RandomTokens()), ReportOutcomes(store.begin, rings, NoControlTasks())
    runner = register.execute(RegisterRunnerCommand(name="bench", kind=RunnerKind.LOCAL, slots=1000))
    adopt = AdoptRunner(store.begin)
    lease = adopt.execute(AdoptRunnerCommand(runner_id=runner.id, driver_id=DriverId("bench"))).runner.driver
    epoch = lease.epoch if lease else 0
    rates: dict[str, float] = {}
    for size in (1, 10, 100):
        jobs = JOBS if size > 1 else JOBS // 4
        create.execute(CreateJobsCommand(submissions=[_TRUE] * jobs))
        begun, claimed = time.perf_counter(), []
        command = AssignJobsCommand(runner_id=runner.id, epoch=epoch, hello=_HELLO, most=size)
        while batch := assign.execute(command):
            claimed += [item.job for item in batch]
        rates[f"{name}: claim {size}"] = jobs / (time.perf_counter() - begun)
        facts = [FencedFact(Ended(job.ref, _OUTCOME), job.fence) for job in claimed]
        begun = time.perf_counter()
        for start in range(0, jobs, size):
            report.execute(ReportOutcomesCommand(facts=facts[start : start + size]))
        rates[f"{name}: finish {size}"] = jobs / (time.perf_counter() - begun)
    show("jobs/s", rates)
    if not isinstance(store, MemoryStore):
        store.close()
