"""Judging a whole store."""

from datetime import timedelta
from typing import Any

from runyard.application.observability.check_invariants import (
    LOOK_AGAIN_SECONDS,
    CheckInvariants,
    CheckInvariantsCommand,
    Judged,
)
from runyard.application.ports.executor import Started
from runyard.application.runners.cordon_runner import CordonRunnerCommand
from runyard.application.runners.renew_driver import RenewDriverCommand
from runyard.domain.jobs.states import JobState
from runyard.domain.observability.invariants import Keeper
from tests.builders import a_new_job

from .yard import MemoryYard, ended


def check(yard: MemoryYard, before: Judged | None = None, **how: Any) -> Judged:
    if before:
        how["waited"] = before.waiting
    return CheckInvariants(yard.store.read).execute(CheckInvariantsCommand(**how))


def put(yard: MemoryYard, **values: Any) -> None:
    """Store a job that no move has made."""
    with yard.store.begin() as work:
        work.jobs.add_all([a_new_job(**values)])
        work.commit()


def test_what_use_cases_do_breaks_no_rule(yard: MemoryYard):
    done = yard.assigned()
    yard.report(Started(done.ref, "group"), fence=done.fence)
    yard.append(yard.chunk(done, 0, b"out"), fence=done.fence)
    yard.report(ended(done, log_size=3), fence=done.fence)
    yard.cancel(yard.submit().id)
    lost = yard.assigned()
    yard.adopt("driver")
    waiting = [yard.submit(not_before=yard.clock.now() + timedelta(hours=1)), yard.submit()]

    found = check(yard, page=2)

    assert found.hits == ()
    assert found.jobs == len({done.id, lost.id, *(job.id for job in waiting)}) + 1


def test_a_job_that_no_move_could_have_made_is_a_hit(yard: MemoryYard):
    put(yard, state=JobState.FAILED, reason=None)

    [hit] = check(yard).hits

    assert hit.invariant == "I5"
    assert check(yard, keepers=frozenset({Keeper.STORE})).hits == ()


def test_an_attempt_on_an_unknown_runner_is_a_hit(yard: MemoryYard):
    put(yard, state=JobState.RUNNING)

    assert [hit.invariant for hit in check(yard).hits] == ["strays"]


def test_no_more_hits_are_told_than_asked_for(yard: MemoryYard):
    for _ in range(5):
        put(yard, state=JobState.FAILED, reason=None)

    assert len(check(yard, most_hits=3, page=2).hits) == 3


def wait_for_a_look(yard: MemoryYard, *, driven: bool = True) -> None:
    yard.clock.advance(LOOK_AGAIN_SECONDS)
    if driven:
        yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.runner.id, epoch=yard.epoch))


def test_a_job_that_stands_beside_a_free_slot_in_two_looks_is_a_hit(yard: MemoryYard):
    yard.submit()
    wait_for_a_look(yard)
    first = check(yard)
    wait_for_a_look(yard)

    assert first.hits == ()
    assert [hit.invariant for hit in check(yard, first).hits] == ["I10"]


def test_a_job_that_was_claimed_meanwhile_is_none(yard: MemoryYard):
    yard.submit()
    wait_for_a_look(yard)
    first = check(yard)
    yard.assign()
    wait_for_a_look(yard)

    assert first.waiting.jobs
    assert check(yard, first).hits == ()


def test_a_job_whose_runner_is_full_or_not_driven_waits_rightly(yard: MemoryYard):
    for _ in range(yard.runner.slots):
        yard.assigned()
    yard.submit()
    wait_for_a_look(yard)
    assert not check(yard).waiting.jobs

    idle = MemoryYard()
    idle.submit()
    wait_for_a_look(idle)
    first = check(idle)
    wait_for_a_look(idle, driven=False)
    assert first.waiting.jobs
    assert check(idle, first).hits == ()


def test_a_job_waits_rightly_for_a_runner_that_was_closed(yard: MemoryYard):
    yard.submit()
    wait_for_a_look(yard)
    assert check(yard).waiting.jobs

    yard.cordon_runner.execute(CordonRunnerCommand(runner=yard.runner.name))
    assert not check(yard).waiting.jobs


def test_a_job_that_was_just_queued_is_given_its_time(yard: MemoryYard):
    yard.submit()

    assert not check(yard).waiting.jobs
