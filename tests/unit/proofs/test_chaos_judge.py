"""The judge of the chaos driver: it finds what it is there to find, and nothing in what is as it should be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from runyard.domain.jobs.attempt import Attempt, Ending, Outcome
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from runyard.domain.observability.book import JobBook
from tests.builders import NOON, a_job, a_runner_id, an_attempt
from tests.integration.chaos.harm import Harm
from tests.integration.chaos.judge import Answers, Judge, Verdict
from tests.integration.chaos.load import Said, Wanted
from tests.integration.chaos.plan import Plan, shared_out

HERE = a_runner_id()
HARM = Harm(HERE, (NOON + timedelta(seconds=1)).timestamp(), (NOON + timedelta(seconds=2)).timestamp())
WANTED = Wanted(number=1, seconds=0, size=0, code=0)


def an_end(ending: Ending, code: int | None = None, **values: Any) -> Attempt:
    outcome = Outcome(ending=ending, exit_code=code)
    return an_attempt(runner_id=HERE, outcome=outcome, ended_at=NOON + timedelta(seconds=3), **values)


def a_book(*attempts: Attempt, **job: Any) -> JobBook:
    numbered = tuple(replace(attempt, number=number) for number, attempt in enumerate(attempts, 1))
    state = JobState(job.pop("state", "succeeded"))
    return JobBook(job=a_job(state=state, **job), named=len(numbered), attempts=numbered)


def judged(
    book: JobBook | None, *, said: Said | None = None, wanted: Wanted = WANTED, **told: Mapping[str, Any]
) -> Verdict:
    """The verdict over one job of which its caller was told, and whose attempts witnessed what they should."""
    ids = {wanted.name: {book.job.id}} if book else {wanted.name: {"accepted"}}
    answers = Answers(**{"ids": ids, **told})  # type: ignore[arg-type]
    books: dict[str, JobBook] = {book.job.id: book} if book else {}
    return Judge(answers, said or (witnessed(book) if book else Said()), [HARM]).judge([wanted], books)


def witnessed(book: JobBook) -> Said:
    ran = {a.number for a in book.attempts if a.outcome and a.outcome.ending in (Ending.EXIT, Ending.LOST)}
    ended = {a.number for a in book.attempts if a.outcome and a.outcome.ending is Ending.EXIT}
    return Said(starts=named(book.job, ran), ends=named(book.job, ended))


def named(job: Job, numbers: set[int]) -> dict[str, list[str]]:
    return {job.id: [f"{job.id}/{number}" for number in sorted(numbers)]}


FINE = a_book(an_end(Ending.RELEASED), an_end(Ending.LOST), an_end(Ending.EXIT, 0))


def test_a_job_that_was_given_back_lost_and_done_once_is_as_it_should_be() -> None:
    judged(FINE).assert_clean()


def test_what_was_accepted_and_is_not_there_or_never_ends_is_lost() -> None:
    assert len(judged(None).lost) == 1
    assert len(judged(a_book(state="queued")).lost) == 1


def test_a_second_job_of_one_name_and_one_nobody_knows_of_are_doubled() -> None:
    told = {WANTED.name: {FINE.job.id, "another"}}
    assert len(judged(FINE, ids=told).doubled) == 1
    assert len(judged(FINE, ids={WANTED.name: {"another"}}).doubled) == 1


@pytest.mark.parametrize(
    "said",
    [
        Said(starts={FINE.job.id: [f"{FINE.job.id}/3"] * 2}, ends=named(FINE.job, {3})),
        Said(starts=named(FINE.job, {3, 4}), ends=named(FINE.job, {3})),
        Said(starts=named(FINE.job, {3}), ends={FINE.job.id: [f"{FINE.job.id}/3"] * 2}),
    ],
    ids=["an attempt started twice", "an attempt nobody knows started", "an attempt came to its end twice"],
)
def test_what_jobs_witnessed_twice_is_doubled(said: Said) -> None:
    assert len(judged(FINE, said=said).doubled) == 1


def test_two_outcomes_are_doubled_unless_the_first_was_a_failure_that_is_tried_again() -> None:
    twice = a_book(an_end(Ending.EXIT, 7), an_end(Ending.EXIT, 0))

    assert len(judged(twice).doubled) == 1
    judged(twice, wanted=replace(WANTED, fickle=True)).assert_clean()


def test_overlaps_are_told() -> None:
    said = replace(witnessed(FINE), overlaps=["overlap key-1 1 x/1"])

    assert judged(FINE, said=said).overlaps == ["overlap key-1 1 x/1"]


@pytest.mark.parametrize(
    "book",
    [
        a_book(an_end(Ending.EXIT, 1), state="failed", reason="exit_code"),
        a_book(an_end(Ending.SIGNAL), state="failed", reason="signal"),
        a_book(an_end(Ending.EXIT, 0), state="cancelled"),
        a_book(an_end(Ending.LOST), an_end(Ending.LOST), state="failed", reason="crash_limit"),
        a_book(an_end(Ending.LOST), state="failed", reason="lost"),
        a_book(replace(an_end(Ending.LOST), runner_id=a_runner_id()), an_end(Ending.EXIT, 0)),
        a_book(replace(an_end(Ending.LOST), claimed_at=NOON + timedelta(minutes=1)), an_end(Ending.EXIT, 0)),
    ],
    ids=[
        "another exit code",
        "a signal nobody sent",
        "a cancel nobody asked for",
        "given up too early",
        "given up although it may be tried again",
        "lost where nobody was harmed",
        "lost long after the harm",
    ],
)
def test_an_end_that_is_not_the_true_one_is_wrong(book: JobBook) -> None:
    assert len(judged(book).wrong) == 1


def test_what_was_given_back_may_not_have_started() -> None:
    said = Said(starts=named(FINE.job, {1, 2, 3}), ends=named(FINE.job, {3}))

    assert len(judged(FINE, said=said).wrong) == 1


def test_an_end_that_somebody_was_told_of_stays() -> None:
    assert len(judged(FINE, ends_seen={FINE.job.id: {"failed"}}).wrong) == 1


def test_nothing_is_claimed_after_a_cancel_was_answered() -> None:
    answered = {WANTED.name: (NOON - timedelta(seconds=1)).timestamp()}

    assert len(judged(FINE, cancelled=answered).wrong) == 3


def test_a_job_that_may_start_once_did_not_start_twice() -> None:
    once = replace(WANTED, on_lost="fail")
    lost = a_book(an_end(Ending.LOST), state="failed", reason="lost")

    judged(lost, wanted=once).assert_clean()
    assert judged(FINE, wanted=once).doubled
    assert judged(FINE, wanted=once).wrong


def test_blows_are_shared_out_to_the_last_one() -> None:
    assert shared_out(50, {"a": 8, "b": 6, "c": 3, "d": 2, "e": 1}) == {"a": 20, "b": 15, "c": 8, "d": 5, "e": 2}
    assert shared_out(8, {"a": 8, "b": 6, "c": 3, "d": 2, "e": 1}) == {"a": 3, "b": 3, "c": 1, "d": 1, "e": 0}
    assert sum(shared_out(1, {"a": 4, "b": 1}).values()) == 1


def test_a_seed_gives_the_same_blows_again() -> None:
    wanted = {"kill": 5, "stop": 2}

    assert Plan(seed=3).order(wanted) == Plan(seed=3).order(wanted)
    assert sorted(Plan(seed=4).order(wanted)) == sorted(Plan(seed=3).order(wanted))
    with pytest.raises(ValueError, match="struck, flushed or stopped"):
        Plan.asked({"RUNYARD_REDIS": "gone"})
