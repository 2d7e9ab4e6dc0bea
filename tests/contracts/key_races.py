"""What must hold when many want the seats of the same keys, by the use cases on any store."""

import os
import random
from collections import Counter
from collections.abc import Collection, Sequence
from threading import Lock

from runyard.adapters.memory.clock import ManualClock
from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.jobs.report_outcomes import FencedFact, ReportOutcomesCommand
from runyard.application.ports.jobs import JobFilter
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.errors import KeyBusy, KeyLineFull
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission
from runyard.domain.runners.runner import RunnerKind
from tests.unit.application.yard import Yard, ended

from ..builders import a_spec
from .stores import Store, at_once

ROUNDS = int(os.environ.get("RUNYARD_KEY_ROUNDS", "60"))
CROWD = 8
KEYS = ("a", "b", "c", "d")


def a_yard(store: Store) -> Yard:
    """All use cases on the store, and a runner with slots for everybody."""
    yard = Yard(store, ManualClock())
    yard.register_runner.execute(RegisterRunnerCommand(name="here", kind=RunnerKind.LOCAL, slots=10_000))
    return yard


def everybody(store: Store, states: Collection[JobState] = ()) -> list[Job]:
    with store.read() as reading:
        page = reading.jobs.page(JobFilter(states=frozenset(states)), after=None, limit=100_000)
        return [item.job for item in page.items]


def check(store: Store, limits: dict[str, int]) -> None:
    """No key is over its limit, and nobody waits beside a free seat."""
    jobs = everybody(store)
    held = Counter(job.concurrency.key for job in jobs if job.concurrency and job.seat is not None)
    waited_for = {job.concurrency.key for job in jobs if job.concurrency and job.in_line}
    assert {key: many for key, many in held.items() if many > limits[key]} == {}
    assert {key for key in waited_for if held[key] < limits[key]} == set()
    assert all((job.seat is not None) or job.finished or job.state == "pending" for job in jobs if job.concurrency)
    with store.begin() as work:
        for seating in work.seats.lock(dict.fromkeys(limits, 100_000), counted=True):
            mine = [job for job in jobs if job.concurrency and job.concurrency.key == seating.key]
            assert seating.holders == {job.seat: job.id for job in mine if job.seat is not None}
            assert [each.job_id for each in seating.line] == [
                job.id for job in sorted(mine, key=lambda job: (job.rank, job.id)) if job.in_line
            ]


def report_all(yard: Yard, jobs: Sequence[Job]) -> None:
    """All of them have ended, told in one report."""
    facts = [FencedFact(ended(job), job.fence) for job in jobs]
    answers = yard.report_outcomes.execute(ReportOutcomesCommand(facts=facts))
    assert [answer.refused for answer in answers] == [None] * len(facts)


class KeyRacesContract:
    """For any `store`."""

    def test_of_twenty_who_will_not_wait_exactly_as_many_as_there_are_seats_get_in(self, store: Store):
        yard = a_yard(store)
        for key, limit in (("one", 1), ("three", 3)):
            terms = Concurrency(key=key, limit=limit, on_conflict=OnConflict.REJECT)

            def submit(_: int, terms: Concurrency = terms) -> bool:
                try:
                    return yard.submit(concurrency=terms).state == "queued"
                except KeyBusy:
                    return False

            assert at_once(20, submit).count(True) == limit
        check(store, {"one": 1, "three": 3})

    def test_a_line_never_grows_beyond_its_bound(self, store: Store):
        yard = a_yard(store)

        def submit(_: int) -> bool:
            try:
                yard.submit(concurrency=Concurrency(key="k", max_waiting=5))
            except KeyLineFull:
                return False
            return True

        assert at_once(20, submit).count(True) == 6

    def test_whoever_comes_while_the_last_one_leaves_is_not_forgotten(self, store: Store):
        yard = a_yard(store)
        last = yard.submit(concurrency=Concurrency(key="k"))
        for number in range(ROUNDS):
            claimed = [claim.job for claim in yard.assign()] if number % 2 else []
            assert [job.id for job in claimed] == [last.id] * len(claimed)

            def leave(job: Job = last, claimed: list[Job] = claimed) -> Job:
                if not claimed:
                    return yard.cancel(job.id)
                yard.report(ended(claimed[0]), fence=claimed[0].fence)
                return yard.get(job.id)

            def come() -> Job:
                return yard.submit(concurrency=Concurrency(key="k"))

            gone, last = at_once(2, lambda place: (leave, come)[place]())
            assert gone.finished
            assert yard.get(last.id).state == "queued", f"a wake-up was lost in round {number}"

    def test_a_crowd_with_mixed_keys_never_waits_in_a_ring_and_forgets_nobody(self, store: Store):
        yard = a_yard(store)
        limits = {"a": 1, "b": 1, "c": 2, "d": 5}
        crowd = Crowd(store, yard, limits)

        at_once(CROWD, crowd.visit)

        check(store, limits)
        while jobs := everybody(store, set(JobState) - FINISHED):
            for job in jobs:
                yard.cancel(job.id)
            live = [job for job in everybody(store, set(JobState) - FINISHED) if job.live]
            report_all(yard, live)
        check(store, limits)
        assert {job.seat for job in everybody(store)} == {None}


FINISHED = {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


class Crowd:
    """Submits, claims, finishes, cancels and sweeps, all at once."""

    def __init__(self, store: Store, yard: Yard, limits: dict[str, int]) -> None:
        self._store, self._yard, self._limits = store, yard, limits
        self._lock, self._claimed = Lock(), list[Job]()

    def visit(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        acts = (self.submit, self.submit, self.finish, self.finish, self.claim, self.cancel, self.sweep)
        for _ in range(ROUNDS):
            dice.choice(acts)(dice)

    def submit(self, dice: random.Random) -> None:
        keys = dice.choices([*KEYS, None], k=dice.randrange(1, 6))
        terms = [
            key and Concurrency(key=key, limit=self._limits[key], on_conflict=dice.choice(list(OnConflict)))
            for key in keys
        ]
        specs = [a_spec(concurrency=each, queue_timeout=dice.choice([None, 0.05])) for each in terms]
        answers = self._yard.create_jobs.execute(
            CreateJobsCommand(submissions=[Submission(spec=spec) for spec in specs]),
        )
        assert {type(each.refused) for each in answers} <= {type(None), KeyBusy, KeyLineFull}

    def claim(self, _: random.Random) -> None:
        claims = self._yard.assign(5)
        with self._lock:
            self._claimed += [claim.job for claim in claims]

    def finish(self, dice: random.Random) -> None:
        with self._lock:
            dice.shuffle(self._claimed)
            mine, self._claimed = self._claimed[:4], self._claimed[4:]
        report_all(self._yard, mine)

    def cancel(self, dice: random.Random) -> None:
        jobs = everybody(self._store, {JobState.PENDING, JobState.QUEUED, JobState.CLAIMED})
        for job in dice.sample(jobs, min(2, len(jobs))):
            self._yard.cancel(job.id)

    def sweep(self, _: random.Random) -> None:
        self._yard.sweep()
