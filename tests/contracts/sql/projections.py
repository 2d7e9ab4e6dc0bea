"""What must hold between the tables after any crowd has been at work."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine, Table, select

from runyard.adapters.sql.store import SqlStore
from runyard.adapters.sql.tables.jobs import ATTEMPT, DUE, READY
from runyard.application.ports.jobs import Change, JobFilter, NewJob
from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import RetryPolicy
from runyard.domain.jobs.states import LIVE_STATES, JobState

from ...builders import BOOT, a_job_id, a_runner_id, a_share, a_spec
from ..stores import at_once

CROWD = 8
ROUNDS = 40
QUEUES = ("a", "b", "c")
FAILED = Outcome(ending=Ending.EXIT, exit_code=1, tree_empty=True, log_size=0)


class Visitor:
    """Does one thing after another to a store, as use cases would."""

    def __init__(self, store: SqlStore, seed: int) -> None:
        self._store = store
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.claimed: list[tuple[str, int]] = []

    def visit(self) -> None:
        acts = (
            self.submit,
            self.submit,
            self.claim,
            self.claim,
            self.cancel,
            self.move_live,
            self.move_live,
            self.wake,
        )
        for _ in range(ROUNDS):
            self._dice.choice(acts)()

    def submit(self) -> None:
        with self._store.begin() as work:
            now = work.now()
            not_before = self._dice.choice([None, now + timedelta(milliseconds=20)])
            timeout = self._dice.choice([None, 0.05, 60.0])
            retry = RetryPolicy(max_attempts=3)
            spec = a_spec(queue=self._dice.choice(QUEUES), not_before=not_before, queue_timeout=timeout, retry=retry)
            many = range(self._dice.randrange(1, 6))
            work.jobs.add_all([NewJob(Job.submitted(a_job_id(), spec, now=now), spec) for _ in many])
            work.commit()

    def claim(self) -> None:
        with self._store.begin() as work:
            now = work.now()
            lanes = self._dice.sample(QUEUES, 2)
            taken = work.jobs.take([a_share(queue, 3) for queue in lanes], 4)
            after = [job.claimed_by(a_runner_id(), now=now).armed(BOOT, now=now).started(now=now) for job in taken]
            work.jobs.save_all([Change(*pair) for pair in zip(taken, after, strict=True)])
            work.commit()
        self.claimed += [(job.id, job.current.number) for job in after]

    def cancel(self) -> None:
        self._change(frozenset(JobState), lambda job, now: job.cancelled(now=now))

    def move_live(self) -> None:
        move: Callable[..., Job] = self._dice.choice(
            [
                lambda job, now: job.adopted(),
                lambda job, now: job.lost(now=now, why="gone"),
                lambda job, now: job.ended(FAILED, log_stored=0, now=now),
            ]
        )
        self._change(LIVE_STATES, lambda job, now: move(job, now=now) if job.live else job)

    def wake(self) -> None:
        with self._store.begin() as work:
            now = work.now()
            work.jobs.save_all([Change(job, job.woken(now=now)) for job in work.jobs.lock_due(5)])
            work.commit()

    def _change(self, states: frozenset[JobState], move: Callable[..., Job]) -> None:
        with self._store.read() as reading:
            seen = reading.jobs.page(JobFilter(states=states), after=None, limit=30).items
        ids = [item.job.id for item in self._dice.sample(seen, min(3, len(seen)))]
        with self._store.begin() as work:
            now = work.now()
            work.jobs.save_all([Change(job, move(job, now=now)) for job in work.jobs.lock(ids)])
            work.commit()


class ProjectionsContract:
    """For an `engine` and a `store` on the same migrated database."""

    def test_a_crowd_leaves_everything_in_its_place(self, engine: Engine, store: SqlStore):
        visitors = [Visitor(store, seed) for seed in range(CROWD)]
        at_once(CROWD, lambda number: visitors[number].visit())

        with store.read() as reading:
            jobs = [item.job for item in reading.jobs.page(JobFilter(), after=None, limit=100_000).items]
            assert {lane.queue for lane in reading.jobs.lanes()} == {job.queue for job in jobs}
        claims = Counter(claim for visitor in visitors for claim in visitor.claimed)
        assert set(claims.values()) == {1}, "two claimed the same attempt"
        assert self.rows(engine, READY) == {(job.lane, job.rank, job.id) for job in jobs if job.state == "queued"}
        assert self.rows(engine, DUE) == {(job.due_at, job.id) for job in jobs if job.due_at}
        with engine.connect() as connection:
            live = connection.execute(select(ATTEMPT.c.job_id).where(ATTEMPT.c.ended_at.is_(None)))
            assert sorted(live.scalars()) == sorted(job.id for job in jobs if job.live)
            tries = connection.execute(select(ATTEMPT.c.job_id, ATTEMPT.c.number)).all()
            assert Counter(row.job_id for row in tries) == {job.id: job.current.number for job in jobs if job.attempt}

    def rows(self, engine: Engine, table: Table) -> set[tuple[object, ...]]:
        with engine.connect() as connection:
            return {tuple(row) for row in connection.execute(select(table))}
