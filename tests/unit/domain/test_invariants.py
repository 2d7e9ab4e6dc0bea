"""Every rule of the table can be broken, and says how."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.concurrency import KEY_BUSY, Concurrency
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from runyard.domain.observability.book import JobBook, StoredLog
from runyard.domain.observability.invariants import INVARIANTS, Keeper, hits_of
from tests.builders import BOOT, NOON, a_job, a_lane, a_spec, an_attempt

DONE = Outcome(ending=Ending.EXIT, exit_code=0, log_size=0)
FAILED = Outcome(ending=Ending.EXIT, exit_code=1, log_size=0)
EVERYBODY = frozenset(Keeper)


def a_book(job: Job | None = None, **stored: Any) -> JobBook:
    """What is stored of a job that keeps every rule."""
    job = job or a_job()
    right = {
        "named": job.attempt.number if job.attempt else None,
        "attempts": (job.attempt,) if job.attempt else (),
        "ready": ((job.lane, job.rank),) if job.state is JobState.QUEUED else (),
        "lane": a_lane(),
        "due": (job.due_at,) if job.due_at else (),
        "limit": 1,
        "held": (("k", job.seat),) if job.seat is not None else (),
        "awaited": (("k", job.rank),) if job.in_line else (),
    }
    return JobBook(**{"job": job, **right, **stored})


def ended(**values: Any) -> Job:
    """A job with one attempt that has ended."""
    attempt = an_attempt(armed_at=NOON, boot_id=BOOT, outcome=values.pop("outcome", DONE))
    return a_job(**{"state": JobState.SUCCEEDED, "attempt": attempt, "fence": 1, **values})


def log(*chunks: tuple[int, int], stored: int) -> tuple[StoredLog, ...]:
    return (StoredLog(1, stored, chunks),)


RUNNING = a_job(state=JobState.RUNNING)
SECOND = an_attempt(number=2)
LATER = NOON + timedelta(hours=1)
HELD = a_job(a_spec(not_before=LATER))
OF_KEY = a_spec(concurrency=Concurrency(key="k"))
SEATED = a_job(OF_KEY, seat=0, state=JobState.QUEUED, reason=None)
IN_LINE = a_job(OF_KEY, state=JobState.PENDING, reason=KEY_BUSY)
UNARMED = replace(RUNNING.current, armed_at=None, boot_id=None)
BROKEN = {
    "a job with nothing to run": ("I1", a_book(has_spec=False)),
    "two live attempts": ("I2", a_book(RUNNING, attempts=(RUNNING.current, SECOND), named=2)),
    "a running job without an attempt": ("live", a_book(RUNNING, attempts=(), named=None)),
    "a finished job with a live attempt": ("live", a_book(ended(), attempts=(an_attempt(),))),
    "a missing attempt": ("attempts", a_book(replace(RUNNING, fence=2), attempts=(SECOND,), named=2)),
    "a job that names another attempt": ("attempts", a_book(RUNNING, named=2)),
    "two attempts under one fence": ("I3", a_book(ended(), attempts=(ended().current, replace(SECOND, outcome=DONE)))),
    "a start that was not allowed": ("armed", a_book(replace(RUNNING, attempt=UNARMED))),
    "a lease that never ends": ("I9", a_book(replace(RUNNING, attempt=replace(RUNNING.current, lease=60)))),
    "out of reach without a lease": ("I9", a_book(replace(RUNNING, reason="unreachable"))),
    "a success nobody reported": ("I4", a_book(ended(outcome=FAILED))),
    "a failure that succeeded": ("I4", a_book(ended(state=JobState.FAILED, reason="exit_code"))),
    "an end at no time": ("I5", a_book(replace(ended(), finished_at=None))),
    "a failure without a reason": ("I5", a_book(ended(state=JobState.FAILED, outcome=FAILED))),
    "a cancellation nobody asked for": ("I5", a_book(a_job(state=JobState.CANCELLED))),
    "a finished job that still waits": ("I5", a_book(ended(), due=(NOON,))),
    "a gap in a log": ("I8", a_book(RUNNING, logs=log((0, 5), (6, 1), stored=7))),
    "an overlap in a log": ("I8", a_book(RUNNING, logs=log((0, 5), (4, 3), stored=7))),
    "a head that knows more than is stored": ("I8", a_book(RUNNING, logs=log((0, 5), stored=6))),
    "a log of no attempt": ("I8", a_book(logs=log((0, 5), stored=5))),
    "a complete log with its end missing": ("complete", a_book(ended(outcome=replace(DONE, log_size=3)))),
    "a queued job in no queue": ("ready", a_book(ready=())),
    "a running job in a queue": ("ready", a_book(RUNNING, ready=(("default", 1),))),
    "a queued job in a lane nobody knows": ("ready", a_book(lane=None)),
    "a queued job in another place": ("ready", a_book(ready=(("default", 1),))),
    "a held job that nobody will wake": ("due", a_book(HELD, due=())),
    "a held job that is woken too late": ("due", a_book(HELD, due=(LATER + timedelta(seconds=1),))),
    "a job under way without a seat": ("I6", a_book(replace(SEATED, seat=None))),
    "a seat of no key": ("I6", a_book(replace(RUNNING, seat=0))),
    "a finished job with a seat": ("I6", a_book(replace(ended(), concurrency=SEATED.concurrency, seat=0))),
    "a seat that is not kept": ("hold", a_book(SEATED, held=())),
    "another seat": ("hold", a_book(SEATED, held=(("k", 1),))),
    "a seat of another key": ("hold", a_book(SEATED, held=(("j", 0),))),
    "a place in line that is not kept": ("waiter", a_book(IN_LINE, awaited=())),
    "another place in line": ("waiter", a_book(IN_LINE, awaited=(("k", 5),))),
    "a seated job in line": ("waiter", a_book(SEATED, awaited=(("k", SEATED.rank),))),
    "a key that nobody knows": ("key", a_book(IN_LINE, limit=None)),
}


@pytest.mark.parametrize(("name", "book"), BROKEN.values(), ids=BROKEN)
def test_a_rule_is_broken_by(name: str, book: JobBook):
    hits = list(hits_of(book, EVERYBODY))

    assert name in {hit.invariant for hit in hits}
    for hit in hits:
        assert hit.told
        assert book.job.id in hit.rows[0]


def test_every_rule_of_the_table_is_broken_above():
    assert {name for name, _ in BROKEN.values()} == {rule.name for rule in INVARIANTS}


@pytest.mark.parametrize("job", [a_job(), HELD, RUNNING, a_job(state=JobState.CLAIMED), ended(), SEATED, IN_LINE])
def test_a_job_as_it_should_be_breaks_none(job: Job):
    assert list(hits_of(a_book(job), EVERYBODY)) == []


def test_only_the_rules_of_the_keepers_asked_for_are_judged():
    book = a_book(ended(outcome=FAILED), ready=(("default", 1),))

    assert {hit.invariant for hit in hits_of(book, frozenset({Keeper.STORE}))} == {"ready"}


def test_the_rows_of_a_hit_never_show_what_was_to_run():
    [hit] = hits_of(
        a_book(
            a_job(
                a_spec(command=("mysql", "--password=geheim")),
            ),
            has_spec=False,
        ),
        EVERYBODY,
    )

    assert "geheim" not in "".join(hit.rows)


def test_a_long_log_is_shown_from_its_beginning():
    chunks = tuple((number, 1) for number in range(100))
    [hit] = hits_of(a_book(RUNNING, logs=log(*chunks, stored=1)), EVERYBODY)

    assert "0+1 1+1" in "".join(hit.rows)
    assert "and 80 more" in "".join(hit.rows)
