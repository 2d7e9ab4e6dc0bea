"""Hypothesis strategies: any value of a field, put together as the rules allow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

from hypothesis import strategies as st

from runyard.application.ports.jobs import NewJob
from runyard.domain.jobs.access import JobAccess
from runyard.domain.jobs.attempt import Attempt, Ending, Outcome, Progress, Usage
from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import Backoff, LogLimit, LogPolicy, OnLost, Replacement, RetryCause, RetryPolicy
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.states import FINAL_STATES, LIVE_STATES, JobState

from ..builders import a_job_id, a_runner_id

HOSTILE = [
    "",
    "'; drop table job; --",
    '"%_\\',
    "\u202eright to left",
    "😀\U0010ffff",
    "a\nb\r\tc",
    "null",
    "\x7f\u0080",
]

SEATLESS = FINAL_STATES | {JobState.DRAFT, JobState.PENDING}
"""States in which a job with a key may be without a seat."""

SEATS = count()
"""Seats that nobody else has."""

_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC) | _ZONES)  # noqa: DTZ001 - zones follow
TEXTS = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
)
WORDS = st.text("abcXYZ019", min_size=1, max_size=10)
COUNTS = st.integers(0, 2**31 - 1)
SECONDS = st.none() | st.floats(0.001, 1e6)

BACKOFFS = st.builds(
    Backoff,
    initial=st.floats(0, 86400),
    factor=st.floats(1, 100),
    max=st.floats(0, 86400),
    jitter=st.floats(0, 1),
)
POLICIES = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 100),
    on=st.frozensets(st.sampled_from(sorted(set(RetryCause) - {RetryCause.LOST}))),
    backoff=BACKOFFS,
    crash_limit=st.integers(1, 100),
)
CONCURRENCY = st.builds(
    Concurrency,
    key=TEXTS.filter(bool),
    limit=st.integers(1, 1000),
    on_conflict=st.sampled_from(OnConflict),
    max_waiting=st.integers(0, 1_000_000),
)
COMMANDS = st.tuples(WORDS, TEXTS) | WORDS
SPECS = st.builds(
    JobSpec,
    command=COMMANDS,
    name=st.none() | TEXTS,
    labels=st.dictionaries(WORDS, TEXTS, max_size=3),
    env=st.dictionaries(st.sampled_from(["A", "b_1"]), TEXTS),
    cwd=st.none() | TEXTS.map(lambda text: f"/{text}"),
    stdin=st.none() | TEXTS | st.just("NUL \0 is data here"),
    queue=WORDS,
    priority=st.integers(-1000, 1000),
    run_timeout=SECONDS,
    queue_timeout=SECONDS,
    total_timeout=SECONDS,
    grace_period=st.floats(0, 3600),
    retry=POLICIES,
    on_lost=st.sampled_from(OnLost),
    lost_after=SECONDS,
    replace=st.sampled_from(Replacement),
    not_before=st.none() | MOMENTS,
    rerun_of=st.none() | st.builds(a_job_id),
    access=st.sampled_from(JobAccess),
    parent=st.none() | st.builds(a_job_id),
    concurrency=st.none() | CONCURRENCY,
    log_limit=st.builds(LogLimit, bytes=st.integers(0, 1 << 40), policy=st.sampled_from(LogPolicy)),
)
OUTCOMES = st.builds(
    Outcome,
    ending=st.sampled_from(Ending),
    exit_code=st.none() | st.integers(0, 255),
    signal=st.none() | st.integers(1, 64),
    message=st.none() | TEXTS,
    tree_empty=st.none() | st.booleans(),
    log_size=st.none() | st.integers(0, 1 << 50),
    usage=st.none() | st.builds(Usage, cpu_seconds=st.floats(0, 1e9), max_rss_bytes=st.integers(0, 1 << 50)),
)
_ATTEMPTS = st.builds(
    Attempt,
    number=st.integers(1, 1000),
    runner_id=st.builds(a_runner_id),
    claimed_at=MOMENTS,
    started_at=st.none() | MOMENTS,
    containment=st.none() | TEXTS,
    outcome=OUTCOMES,
    progress=st.none() | st.builds(Progress, percent=st.none() | st.floats(0, 100), message=st.none() | TEXTS),
    result=st.none() | TEXTS,
    log_complete=st.booleans(),
)


@st.composite
def attempts(draw: st.DrawFn, *, live: bool) -> Attempt:
    attempt = draw(_ATTEMPTS)
    if draw(st.booleans()):
        attempt = replace(attempt, armed_at=draw(MOMENTS), boot_id=draw(WORDS))
    if draw(st.booleans()):
        attempt = replace(attempt, lease=draw(st.integers(1, 2**31 - 1)), lease_until=draw(MOMENTS))
    return replace(attempt, ended_at=None if live else draw(MOMENTS))


@st.composite
def stored_jobs(draw: st.DrawFn) -> NewJob:
    """A job in any state, with any value in every field that the state allows."""
    spec = draw(SPECS)
    state = draw(st.sampled_from(JobState))
    live, final = state in LIVE_STATES, state in FINAL_STATES
    job = Job.submitted(a_job_id(), spec, now=draw(MOMENTS))
    return NewJob(
        replace(
            job,
            eligible_at=draw(MOMENTS),
            rank=draw(st.integers(-(2**60), 2**60)),
            state=state,
            seat=_seat(draw, job, state),
            reason=draw(st.none() | TEXTS),
            message=draw(st.none() | TEXTS),
            attempt=draw(attempts(live=live) if live else st.none() | attempts(live=False)),
            fence=draw(COUNTS) + live,
            failures=draw(COUNTS),
            crashes=draw(COUNTS),
            cancel_requested_at=draw(st.none() | MOMENTS),
            end_confirmed=draw(st.none() | st.booleans()) if final else None,
            finished_at=draw(MOMENTS) if final else None,
            version=draw(COUNTS),
        ),
        spec,
    )


def _seat(draw: st.DrawFn, job: Job, state: JobState) -> int | None:
    """One that nobody else has, where a job may or must have one."""
    if job.concurrency is None or state in SEATLESS - {JobState.PENDING}:
        return None
    return None if state is JobState.PENDING and draw(st.booleans()) else next(SEATS)
