"""The way to PostgreSQL breaks at the worst moments."""

import random
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from threading import Barrier, Event, Thread
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.sql import jobs as sql_jobs
from runyard.adapters.sql.batch import update_all
from runyard.adapters.sql.jobs import SqlJobs
from runyard.adapters.sql.reading import SqlJobReading
from runyard.adapters.sql.store import SqlStore, open_store
from runyard.adapters.sql.work import SqlWork
from runyard.application.jobs.create_jobs import Created, CreateJobsCommand
from runyard.application.ports.jobs import JobFilter
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.errors import RunyardError
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission, SubmissionKey
from tests.builders import a_spec
from tests.contracts.stores import at_once
from tests.unit.application.yard import Yard, ended

from .proxy import Proxy

KEYED = Submission(spec=a_spec(), key=SubmissionKey("once", "the same"))


@pytest.fixture
def yard(through: SqlStore) -> Yard:
    return Yard(through, ManualClock())


def submit(yard: Yard, submission: Submission = KEYED) -> Created:
    (created,) = yard.create_jobs.execute(CreateJobsCommand(submissions=[submission]))
    return created


def all_jobs(store: SqlStore) -> list[Job]:
    with store.read() as reading:
        return [item.job for item in reading.jobs.page(JobFilter(), after=None, limit=10_000).items]


def test_f17_a_submission_cut_off_before_its_commit_never_was_and_may_be_repeated(
    yard: Yard, proxy: Proxy, through: SqlStore
) -> None:
    proxy.cut = "before"
    with pytest.raises(StoreUnavailable):
        submit(yard)
    assert all_jobs(through) == []

    repeated = submit(yard)

    assert not repeated.replayed
    assert [job.id for job in all_jobs(through)] == [repeated.accepted.job.id]
    assert proxy.cuts == 1


def test_f17_an_answer_that_does_not_wait_for_the_commit_would_be_of_a_job_that_never_was(
    yard: Yard, proxy: Proxy, through: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence off: the promise breaks."""

    def hopes_for_the_best(work: SqlWork) -> None:
        with suppress(DBAPIError):
            work._connection.commit()

    monkeypatch.setattr(SqlWork, "commit", hopes_for_the_best)
    proxy.cut = "before"

    accepted = submit(yard).accepted.job

    assert accepted.id not in {job.id for job in all_jobs(through)}


def test_f18_a_submission_whose_answer_was_cut_off_is_one_job_when_it_is_repeated(
    yard: Yard, proxy: Proxy, through: SqlStore
) -> None:
    proxy.cut = "after"
    with pytest.raises(StoreUnavailable):
        submit(yard)
    (job,) = _soon(lambda: all_jobs(through))

    repeated = submit(yard)

    assert repeated.replayed
    assert repeated.accepted.job.id == job.id
    assert [each.id for each in all_jobs(through)] == [job.id]


def test_f18_without_its_key_a_repeated_submission_would_be_a_second_job(
    yard: Yard, proxy: Proxy, through: SqlStore
) -> None:
    """The defence off: this is why there are keys."""
    proxy.cut = "after"
    with pytest.raises(StoreUnavailable):
        submit(yard, Submission(spec=a_spec()))
    _soon(lambda: all_jobs(through))
    submit(yard, Submission(spec=a_spec()))

    assert len(all_jobs(through)) == 2


@pytest.mark.parametrize("moment", ["before", "after"])
def test_f17_f18_an_end_whose_report_was_cut_off_counts_once(moment: str, yard: Yard, proxy: Proxy) -> None:
    job = yard.assigned()
    proxy.cut = moment
    with pytest.raises(StoreUnavailable):
        yard.report(ended(job, 3), fence=job.fence)
    if moment == "after":
        _soon(lambda: yard.get(job.id).finished)

    (again,) = yard.report(ended(job, 0), fence=job.fence)

    done = yard.get(job.id)
    assert done.state is (JobState.FAILED if moment == "after" else JobState.SUCCEEDED)
    assert (again.refused is not None) == (moment == "after")
    assert proxy.cuts == 1


def test_f19_connections_ended_at_random_lose_and_double_nothing(postgresql: str) -> None:
    store = open_store(postgresql, connections=6)
    yard, stop, accepted = Yard(store, ManualClock()), Event(), list[str]()

    def submits(number: int) -> None:
        for count in range(40):
            key = SubmissionKey(f"{number}-{count}", "x")
            accepted.append(_insist(lambda key=key: submit(yard, Submission(spec=a_spec(), key=key))).accepted.job.id)

    def drives() -> None:
        while not stop.is_set():
            for item in _insist(yard.assign):
                job = item.job
                _insist(lambda job=job: yard.report(ended(job), fence=job.fence))

    threads = [Thread(target=submits, args=(number,)) for number in range(3)]
    driver = Thread(target=drives)
    killed = sum(_ending_connections(postgresql, [*threads, driver], threads))
    deadline = time.monotonic() + 60
    while _unfinished(store) and time.monotonic() < deadline:
        for job in all_jobs(store):  # what was claimed by a call that heard no answer is found in the books
            if job.live:
                _insist(lambda job=job: yard.report(ended(job), fence=job.fence))
        time.sleep(0.05)
    stop.set()
    driver.join()

    jobs = all_jobs(store)
    assert killed > 0
    assert sorted(job.id for job in jobs) == sorted(accepted)
    assert {job.state for job in jobs} == {JobState.SUCCEEDED}
    assert {job.current.number for job in jobs} == {1}
    store.close()


def _ending_connections(url: str, threads: list[Thread], submitting: list[Thread]) -> Iterator[int]:
    """Three or more a second, until the submitters are done; how many each blow hit."""
    dice = random.Random(1)  # noqa: S311 - repeatable
    for each in threads:
        each.start()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as own:
        while any(each.is_alive() for each in submitting):
            row: Any = own.execute(
                "select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid() order by random() limit 2) as chosen"
            ).fetchone()
            yield row[0]
            time.sleep(dice.uniform(0.05, 0.3))


def test_f20_a_crowd_at_the_same_jobs_is_served_without_an_error(postgresql: str) -> None:
    """Locks are taken in one order or not waited for, so that nobody is turned away to try again."""
    store = open_store(postgresql, connections=8)
    yard = Yard(store, ManualClock())
    jobs = [yard.submit(run_timeout=60) for _ in range(40)]

    def visit(number: int) -> list[str]:
        dice, refused = random.Random(number), list[str]()  # noqa: S311 - repeatable
        for _ in range(40):
            job = dice.choice(jobs)
            try:
                match dice.randrange(5):
                    case 0:
                        yard.assign(dice.randrange(1, 5))
                    case 1:
                        yard.cancel(job.id)
                    case 2:
                        yard.sweep()
                    case 3:
                        yard.adopt("driver")
                    case _:
                        seen = yard.get(job.id)
                        if seen.live:
                            yard.report(ended(seen), fence=seen.fence)
            except RunyardError as refusal:
                refused.append(refusal.code)
        return refused

    refused = {code for codes in at_once(8, visit) for code in codes}

    assert refused <= {"driver-lost"}
    assert _unfinished(store) < len(jobs)
    store.close()


def test_f20_without_locks_and_versions_two_ends_of_one_attempt_would_count(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence off: each reads what it will change, and neither waits for the other nor looks again."""
    store = open_store(postgresql, connections=4)
    yard = Yard(store, ManualClock())
    job = yard.assigned()
    gate, read = Barrier(2), SqlJobReading.records

    def unlocked(jobs: SqlJobs, ids: Collection[JobId]) -> list[Job]:
        found = [record.job for record in read(SqlJobReading(jobs._connection), ids).values()]
        gate.wait(60)
        return found

    def any_version(connection: Any, table: Any, keys: tuple[str, ...], rows: Any) -> int:
        return update_all(connection, table, tuple(key for key in keys if key != "version"), rows)

    monkeypatch.setattr(SqlJobs, "lock", unlocked)
    monkeypatch.setattr(sql_jobs, "update_all", any_version)

    told = at_once(2, lambda number: yard.report(ended(job, number), fence=job.fence)[0].refused)

    assert told == [None, None]
    store.close()


def _unfinished(store: SqlStore) -> int:
    return sum(not job.finished for job in all_jobs(store))


def _insist(act: Any) -> Any:
    deadline = time.monotonic() + 60
    while True:
        try:
            return act()
        except StoreUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _soon(look: Any) -> Any:
    deadline = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return found
