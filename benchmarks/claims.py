"""What a claim and a first page cost on PostgreSQL, with little and with much around them, as ratios in one run.

Much: `RUNYARD_BENCH_QUEUED` queued, `RUNYARD_BENCH_FINISHED` finished; then `RUNYARD_BENCH_CHURNED` jobs more that came
and went while one look at the database stayed open. Little: 1,000 queued, none finished. `RUNYARD_BENCH_LANES`: how
many lanes, 1,10,100. After the churn the claimer goes once around all lanes, "first time", before it is measured: one
that had claimed what was churned would know where the living begin.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any, Final

from sqlalchemy import Engine, text

from runyard.adapters.sql import engine as engines
from runyard.adapters.sql.documents import outline_document, retry_document
from runyard.adapters.sql.store import SqlStore
from runyard.adapters.system.identifiers import UuidIdentifiers
from runyard.adapters.system.tokens import RandomTokens
from runyard.application.jobs.assign_jobs import AssignJobs, AssignJobsCommand
from runyard.application.jobs.claiming import Claiming
from runyard.application.jobs.list_jobs import ListJobs, ListJobsCommand
from runyard.application.ports.executor import Hello
from runyard.application.ports.jobs import JobFilter
from runyard.application.runners.adopt_runner import AdoptRunner, AdoptRunnerCommand
from runyard.application.runners.register_runner import RegisterRunner, RegisterRunnerCommand
from runyard.domain.jobs.limits import RetryPolicy
from runyard.domain.jobs.outline import SpecOutline
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.ids import DriverId, RunnerId
from runyard.domain.runners.runner import RunnerKind
from tests.integration.postgres import PostgresServer, PostgresUnavailable, running_postgres

LITTLE: Final = 1_000
QUEUED: Final = int(os.environ.get("RUNYARD_BENCH_QUEUED", "100000"))
FINISHED: Final = int(os.environ.get("RUNYARD_BENCH_FINISHED", "300000"))
CHURNED: Final = int(os.environ.get("RUNYARD_BENCH_CHURNED", "200000"))
LANES: Final = [int(lanes) for lanes in os.environ.get("RUNYARD_BENCH_LANES", "1,10,100").split(",")]
_CHUNK: Final = 10_000
_HELLO: Final = Hello(nonce="", boot_id="", stamp=0, containment="")

_RETRY: Final = retry_document(RetryPolicy())
_JOBS: Final = """
    insert into job (id, id_end, queue, lane, priority, retry, on_lost, created_at, eligible_at, rank, state,
                     finished_at, fence, failures, crashes, version)
    select id, reverse(right(id, 12)), lane.queue, lane.key, 0, cast(:retry as text), 'retry',
           now(), now(), cast(:rank as bigint) + n, cast(:state as text),
           case when cast(:state as text) = 'succeeded' then now() end, 0, 0, 0, 0
    from (select n, cast(:prefix as text) || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0') as id
          from generate_series(cast(:first as bigint), :last) n) made
    join (select key, queue, row_number() over (order by key) - 1 as place from lane) lane on place = mod(n, :lanes)
"""
_THESE: Final = "id >= cast(:prefix as text) and id < cast(:prefix as text) || '~'"
_SPECS: Final = """
    insert into job_spec (job_id, spec)
    select cast(:prefix as text) || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'), cast(:spec as text)
    from generate_series(cast(:first as bigint), :last) n
"""
# No value comes from outside: `_THESE` stands above, and what changes is bound.
_READY: Final = f"insert into ready select lane, rank, id from job where {_THESE} and state = 'queued'"  # noqa: S608
_UNREADY: Final = f"delete from ready where job_id in (select id from job where {_THESE})"  # noqa: S608
_ENDED: Final = f"update job set state = 'succeeded', finished_at = now() where {_THESE}"  # noqa: S608


class House:
    """A database with jobs, and a runner that claims them."""

    def __init__(self, server: PostgresServer, lanes: int) -> None:
        self.both = engines.engines(server.url(server.create()), connections=4)
        self.store = SqlStore(self.both, timedelta)
        self.store.migrate()
        self._lanes = lanes
        self._claiming = Claiming()
        with self.store.begin() as work:
            self._now = int(work.now().timestamp() * 1_000_000)
        for number in range(lanes):
            lane = JobSpec(command=("true",), queue=f"q{number}").lane
            self.run("insert into lane values (:key, 'admin', :queue, null, '{}')", key=lane.key, queue=lane.queue)
        register = RegisterRunner(self.store.begin, UuidIdentifiers())
        asked = RegisterRunnerCommand(name="bench", kind=RunnerKind.LOCAL, slots=10_000)
        self._runner: RunnerId = register.execute(asked).id

    def run(self, statement: str, **values: Any) -> None:
        with self.both.write.begin() as connection:
            connection.execute(text("set local statement_timeout = 0"))
            connection.execute(text(statement), values)

    def fill(self, prefix: str, state: JobState, many: int) -> None:
        """So many jobs in this state, spread over the lanes."""
        spec = outline_document(SpecOutline.of(JobSpec(command=("true",))))
        for first in range(1, many + 1, _CHUNK):
            last = min(first + _CHUNK - 1, many)
            chunk = {"prefix": prefix, "first": first, "last": last, "lanes": self._lanes, "state": state.value}
            self.run(_JOBS, rank=self._now, retry=_RETRY, **chunk)
            self.run(_SPECS, prefix=prefix, spec=spec, first=first, last=last)
        if state is JobState.QUEUED:
            self.run(_READY, prefix=prefix)

    def churn(self, many: int) -> None:
        """So many jobs come, are claimed before all others, and end."""
        for number, first in enumerate(range(1, many + 1, _CHUNK)):
            prefix = f"02{number:06x}"
            chunk = {"prefix": prefix, "first": first, "last": first + _CHUNK - 1, "lanes": self._lanes}
            self.run(_JOBS, rank=self._now - 3_600_000_000, retry=_RETRY, state="queued", **chunk)
            self.run(_READY, prefix=prefix)
            self.run(_UNREADY, prefix=prefix)
            self.run(_ENDED, prefix=prefix)

    def acts(self) -> dict[str, tuple[Callable[[], object], int]]:
        """What is measured, and how often in a round: little has to last for three."""
        adopt = AdoptRunner(self.store.begin)
        lease = adopt.execute(AdoptRunnerCommand(runner_id=self._runner, driver_id=DriverId("bench"))).runner.driver
        assign, pages = AssignJobs(self.store.begin, RandomTokens()), ListJobs(self.store.read)
        epoch = lease.epoch if lease else 0

        def claim(most: int) -> Callable[[], object]:
            command = AssignJobsCommand(
                runner_id=self._runner, epoch=epoch, hello=_HELLO, most=most, claiming=self._claiming
            )
            return lambda: assign.execute(command)

        def page(*states: JobState) -> Callable[[], object]:
            return lambda: pages.execute(ListJobsCommand(which=JobFilter(states=frozenset(states))))

        return {
            "claim 1": (claim(1), 12),
            "claim 100": (claim(100), 2),
            "first page": (page(), 12),
            "first page, queued": (page(JobState.QUEUED), 12),
        }


def timed(act: Callable[[], object], times: int) -> float:
    """The median of so many, in milliseconds; the first does not count."""
    took = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        act()
        took.append((time.perf_counter() - begun) * 1000)
    return median(took[1:])


def side_by_side(little: House, much: House, told: str) -> None:
    """The best of three rounds, in which both take turns: what else the machine does hits both."""
    rounds: dict[str, list[tuple[float, float]]] = {}
    here, there = little.acts(), much.acts()
    for _ in range(3):
        for name, (act, times) in here.items():
            rounds.setdefault(name, []).append((timed(act, times), timed(there[name][0], times)))
    for name, pairs in rounds.items():
        base, other = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
        print(f"  {told}: {name:<20} {base:8.2f} ms {other:8.2f} ms {other / base:6.2f}")


def around(house: House, lanes: int) -> float:
    """How many milliseconds it takes to claim once from each lane, on average."""
    claim, _ = house.acts()["claim 1"]
    begun = time.perf_counter()
    for _ in range(lanes):
        claim()
    return (time.perf_counter() - begun) * 1000 / lanes


@contextmanager
def looking(engine: Engine) -> Iterator[None]:
    """Somebody looks at the database all the while, so that nothing dead is removed."""
    with engine.connect() as connection:
        connection.execute(text("set idle_in_transaction_session_timeout = 0"))
        connection.execute(text("select count(*) from ready"))
        yield


def main() -> None:
    try:
        with running_postgres() as server:
            for lanes in LANES:
                _compare(server, lanes)
    except PostgresUnavailable as missing:
        print(f"no PostgreSQL: {missing}")


def _compare(server: PostgresServer, lanes: int) -> None:
    little, much = House(server, lanes), House(server, lanes)
    little.fill("03000000", JobState.QUEUED, LITTLE)
    much.fill("01000000", JobState.SUCCEEDED, FINISHED)
    much.fill("03000000", JobState.QUEUED, QUEUED)
    for house in (little, much):
        with house.both.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))
    print(f"{lanes} lanes: {LITTLE:,} queued beside {QUEUED:,} queued and {FINISHED:,} finished")
    side_by_side(little, much, "at rest    ")
    with looking(much.both.read):
        much.churn(CHURNED)
        little.fill("04000000", JobState.QUEUED, LITTLE + lanes)
        here, there = around(little, lanes), around(much, lanes)
        print(f"  first time : {'claim 1':<20} {here:8.2f} ms {there:8.2f} ms {there / here:6.2f}")
        side_by_side(little, much, "after churn")
    for house in (little, much):
        house.both.close()
