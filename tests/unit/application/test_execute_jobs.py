"""Driving a runner, on a store and a host that exist in memory only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import inf

import pytest

from runyard.adapters.memory.executor import MemoryExecutor
from runyard.adapters.memory.host import MemoryHost
from runyard.adapters.memory.scripted import Exit, IgnoreTerm, Print, Program, Sleep
from runyard.application.jobs.append_output import Appended, AppendOutputCommand
from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.jobs.drive import Drive
from runyard.application.jobs.execute_jobs import ExecuteJobs, ExecuteJobsCommand, Turn
from runyard.application.jobs.read_log import ReadLogCommand
from runyard.application.jobs.report_outcomes import Counted, ReportOutcomesCommand
from runyard.application.ports.executor import AttemptSignal, Hello, HostUnreachable, Receipt, SignalKind, StartOrder
from runyard.application.ports.jobs import Change
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.leases import USUAL, LeaseTerms
from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.log import joined
from runyard.domain.runners.errors import DriverLost
from tests.unit.application.yard import HELLO, MemoryYard

PROGRAMS: dict[str, Program] = {
    "true": (),
    "three": (Print(b"abc"), Exit(3)),
    "long": (Print(b"a"), Sleep(100), Print(b"b")),
    "chatty": (Print(b"one"), Sleep(10), Print(b"two"), Sleep(10), Print(b"three")),
    "stubborn": (IgnoreTerm(), Sleep()),
    "hours": (Sleep(7200),),
}


def program(order: StartOrder) -> Program | None:
    return PROGRAMS.get(order.command[0])


class Driven:
    """A yard whose runner is driven, turn by turn."""

    def __init__(self, terms: LeaseTerms = USUAL) -> None:
        self.yard = MemoryYard(terms)
        self.host = MemoryHost(program, self.yard.clock)
        self.take_over()

    def take_over(self) -> None:
        """A driver begins anew, as after a crash."""
        runner = self.yard.adopt("driver")
        self.drive = Drive(runner, self.yard.epoch)
        self.executor = MemoryExecutor(self.host)
        self.execute_jobs = ExecuteJobs(self.executor, self.yard.bookkeeping)

    def turn(self, *, claim: bool = True, look: bool = True, timeout: float = 0.0, perhaps: bool = False) -> Turn:
        return self.execute_jobs.execute(
            ExecuteJobsCommand(drive=self.drive, claim=claim, look=look, timeout=timeout, perhaps=perhaps)
        )

    def turns(self, seconds: float) -> None:
        """Drive for so many seconds of the host's time."""
        for _ in range(int(seconds)):
            self.turn(timeout=1.0)

    def log(self, job: Job) -> bytes:
        part = self.yard.read_log.execute(ReadLogCommand(job_id=job.id))
        return b"".join(joined(chunk.records) for chunk in part.slice.chunks)


@pytest.fixture
def driven() -> Driven:
    return Driven()


def test_a_job_is_claimed_started_collected_and_reported(driven: Driven) -> None:
    job = driven.yard.submit(command=("three",))

    driven.turns(2)

    done = driven.yard.get(job.id)
    assert (done.state, done.reason) == ("failed", "exit_code")
    assert driven.log(job) == b"abc"
    assert driven.drive.fences == {}
    assert driven.host.held() == frozenset()


def test_more_jobs_than_slots_run_one_after_the_other(driven: Driven) -> None:
    jobs = [driven.yard.submit() for _ in range(5)]

    driven.turns(6)

    assert {driven.yard.get(job.id).state.value for job in jobs} == {"succeeded"}
    assert len(driven.host.starts) == 5


def test_a_cancel_reaches_the_process(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turn()
    driven.yard.cancel(job.id)

    driven.turns(2)

    cancelled = driven.yard.get(job.id)
    assert (cancelled.state, cancelled.end_confirmed) == ("cancelled", True)


def test_a_job_that_ignores_the_cancel_is_killed_after_its_grace_period(driven: Driven) -> None:
    job = driven.yard.submit(command=("stubborn",), grace_period=5)
    driven.turn()
    driven.yard.cancel(job.id)

    driven.turns(3)
    assert driven.yard.get(job.id).state == "running"
    driven.turns(4)
    assert driven.yard.get(job.id).state == "cancelled"


def test_the_next_driver_adopts_what_runs_and_reads_on(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turn()

    driven.take_over()
    driven.turns(102)

    done = driven.yard.get(job.id)
    assert (done.state, done.ref.number) == ("succeeded", 1)
    assert driven.log(job) == b"ab"
    assert len(driven.host.starts) == 1


def test_a_driver_that_was_taken_over_from_learns_no_new_fences(driven: Driven) -> None:
    driven.yard.submit(command=("long",))
    driven.turn()
    driven.yard.clock.advance(60)
    driven.yard.adopt("another")

    with pytest.raises(DriverLost):
        driven.turn(claim=False)

    assert list(driven.drive.fences.values()) == [1]


def test_a_claim_whose_start_never_left_is_voided_and_given_back(driven: Driven) -> None:
    job = driven.yard.submit(on_lost=OnLost.FAIL)
    claim = AssignJobsCommand(runner_id=driven.yard.runner.id, epoch=driven.yard.epoch, hello=HELLO, most=1)
    driven.yard.assign_jobs.execute(_under_boot(claim, driven.host.boot_id))

    driven.take_over()
    driven.turns(3)

    done = driven.yard.get(job.id)
    assert (done.state, done.ref.number, done.crashes) == ("succeeded", 2, 0)
    assert len(driven.host.starts) == 1


def test_a_host_that_is_away_loses_nothing(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turn()
    driven.host.reachable = False
    with pytest.raises(HostUnreachable):
        driven.turn(look=True)

    driven.host.reachable = True
    driven.take_over()
    driven.turns(102)

    assert driven.log(job) == b"ab"
    assert driven.yard.get(job.id).state == "succeeded"


def test_a_supervisor_that_died_takes_the_attempt_along_and_the_job_runs_again(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turn()
    driven.host.lose_supervisor()

    driven.take_over()
    driven.turns(102)

    done = driven.yard.get(job.id)
    assert (done.state, done.ref.number, done.crashes) == ("succeeded", 2, 1)


def test_output_the_store_refused_to_take_is_collected_again(driven: Driven) -> None:
    job = driven.yard.submit(command=("three",))
    driven.execute_jobs = ExecuteJobs(driven.executor, replace(driven.yard.bookkeeping, append=FullDisk()))
    with pytest.raises(StoreUnavailable):
        driven.turns(2)

    driven.take_over()
    driven.turns(2)

    assert driven.log(job) == b"abc"
    assert driven.yard.get(job.id).state == "failed"


def test_what_ended_in_the_books_is_ended_on_the_host(driven: Driven) -> None:
    job = driven.yard.submit(command=("stubborn",))
    driven.turn()
    with driven.yard.store.begin() as work:
        (found,) = work.jobs.lock([job.id])
        work.jobs.save_all([Change(found, found.forced(now=work.now(), why="by hand"))])
        work.commit()

    driven.turns(2)

    assert driven.drive.fences == {}
    assert driven.yard.get(job.id).reason == "forced"


def test_an_end_whose_receipt_was_lost_is_forgotten_by_the_next_driver(driven: Driven) -> None:
    job = driven.yard.submit(command=("three",))
    driven.execute_jobs = ExecuteJobs(driven.executor, replace(driven.yard.bookkeeping, report=Dying(driven.yard)))
    with pytest.raises(KeyboardInterrupt):
        driven.turn()
    assert driven.yard.get(job.id).finished
    assert len(driven.host.held()) == 1

    driven.take_over()
    driven.turn()

    assert driven.host.held() == frozenset()


class Dying:
    """A driver that dies right after the commit of a report."""

    def __init__(self, yard: MemoryYard) -> None:
        self._yard = yard

    def execute(self, command: ReportOutcomesCommand, /) -> list[Counted]:
        self._yard.report_outcomes.execute(command)
        raise KeyboardInterrupt


class FullDisk:
    """A store that has no room for output."""

    def execute(self, command: AppendOutputCommand, /) -> list[Appended]:
        raise StoreUnavailable(f"no space left for {len(command.chunks)} chunks")


def _under_boot(command: AssignJobsCommand, boot_id: str) -> AssignJobsCommand:
    return replace(command, hello=replace(command.hello, boot_id=boot_id))


def test_a_paused_job_stands_still_until_it_is_resumed(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",), run_timeout=150)
    driven.turns(50)
    driven.yard.pause(job.id)
    driven.turns(500)
    assert (driven.yard.get(job.id).state, driven.log(job)) == ("paused", b"a")

    driven.yard.resume(job.id)
    driven.turns(60)

    assert (driven.yard.get(job.id).state, driven.log(job)) == ("succeeded", b"ab")


def test_a_paused_job_can_be_cancelled(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turns(2)
    driven.yard.pause(job.id)
    driven.turns(2)

    driven.yard.cancel(job.id)
    driven.turns(2)

    assert driven.yard.get(job.id).state == "cancelled"


def test_the_total_timeout_goes_on_while_a_job_is_paused(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",), total_timeout=50)
    driven.turns(2)
    driven.yard.pause(job.id)

    driven.turns(49)

    assert (driven.yard.get(job.id).state, driven.yard.get(job.id).reason) == ("failed", "timeout")


def test_a_job_resumed_while_nobody_drove_goes_on_under_the_next_driver(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turns(2)
    driven.yard.pause(job.id)
    driven.turns(2)
    driven.yard.resume(job.id)

    driven.take_over()
    driven.turns(101)

    assert driven.yard.get(job.id).state == "succeeded"


def test_a_pause_is_repeated_by_the_next_driver(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turns(2)
    driven.yard.pause(job.id)

    driven.take_over()
    driven.turns(200)

    assert (driven.yard.get(job.id).state, driven.log(job)) == ("paused", b"a")


def test_a_stale_pause_after_the_resume_changes_nothing(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turns(2)
    paused = driven.yard.get(driven.yard.pause(job.id).id)
    driven.turns(2)
    driven.yard.resume(job.id)
    driven.turns(2)

    driven.executor.signal([AttemptSignal(paused.ref, SignalKind.PAUSE, paused.version)])
    driven.turns(101)

    assert driven.yard.get(job.id).state == "succeeded"


def test_the_tree_of_a_force_finished_job_is_ended_when_its_host_is_seen(driven: Driven) -> None:
    job = driven.yard.submit(command=("long",))
    driven.turns(2)

    driven.yard.force(job.id, "on fire")
    driven.turns(2)

    done = driven.yard.get(job.id)
    assert (done.state, done.reason, done.message, done.end_confirmed) == ("failed", "forced", "on fire", False)
    assert driven.host.held() == frozenset()
    assert driven.drive.fences == {}


def test_f88_what_was_collected_since_the_backup_is_missing_and_the_job_ends_all_the_same(driven: Driven) -> None:
    job = driven.yard.submit(command=("chatty",))
    driven.turns(5)
    backup = driven.yard.store._published
    driven.turns(10)
    assert driven.log(job) == b"onetwo"

    driven.yard.store._published = backup
    driven.take_over()
    driven.turns(20)

    done = driven.yard.get(job.id)
    assert (done.state, done.current.log_complete, done.current.number) == ("succeeded", False, 1)
    assert driven.log(job) == b"one"
    assert driven.host.held() == frozenset()


def test_f88_a_log_whose_rest_was_collected_since_the_backup_is_not_collected_for_ever(driven: Driven) -> None:
    job = driven.yard.submit(command=("chatty",))
    driven.turns(15)
    backup = driven.yard.store._published
    driven.host.clock.advance(10)
    (ref,) = driven.host.held()
    driven.executor.acknowledge([Receipt(ref, 11)])

    driven.yard.store._published = backup
    driven.take_over()
    driven.turns(2)

    done = driven.yard.get(job.id)
    assert (done.state, done.current.log_complete, driven.log(job)) == ("succeeded", False, b"onetwo")


def test_f88_what_ran_since_the_backup_runs_again_and_its_old_end_does_not_count(driven: Driven) -> None:
    job = driven.yard.submit(command=("three",))
    backup = driven.yard.store._published
    driven.turns(2)
    assert driven.yard.get(job.id).state == "failed"
    PROGRAMS["three"], before = (), PROGRAMS["three"]

    driven.yard.store._published = backup
    driven.take_over()
    driven.turns(2)
    PROGRAMS["three"] = before

    assert driven.yard.get(job.id).state == "succeeded"


def leased() -> Driven:
    """A yard whose attempts have the shortest lease there is: 126 seconds."""
    return Driven(LeaseTerms(setting=1.0))


def test_f58_what_is_driven_is_renewed_and_outlives_its_lease() -> None:
    driven = leased()
    job = driven.yard.submit(command=("hours",))
    driven.turns(400)

    running = driven.yard.get(job.id)
    assert (running.state, running.current.lease) == ("running", 126)
    assert running.current.lease_until
    assert running.current.lease_until > driven.yard.clock.now()
    assert driven.host.held() == {running.ref}


def test_f59_what_nobody_drives_is_ended_by_its_host_before_its_lease_is_over() -> None:
    driven = leased()
    job = driven.yard.submit(command=("hours",), on_lost=OnLost.FAIL)
    driven.turns(10)
    until = driven.yard.get(job.id).current.lease_until
    assert until is not None
    while driven.host.next_at < 1e6:
        driven.yard.clock.advance(0.1)
        driven.host.run()

    assert timedelta(seconds=5) < until - driven.yard.clock.now() < timedelta(seconds=21)
    driven.take_over()
    driven.turns(2)
    lost = driven.yard.get(job.id)
    assert (lost.crashes, lost.message) == (1, "ended by its host, which had heard of nobody for too long")


def test_a_driver_without_its_database_tells_the_host_nothing() -> None:
    driven = leased()
    driven.yard.submit(command=("hours",))
    driven.turns(10)
    before = driven.host.next_at
    driven.execute_jobs._bookkeeping = replace(driven.execute_jobs._bookkeeping, renew=Away())
    with pytest.raises(StoreUnavailable):
        driven.turns(10)

    assert driven.host.next_at == before


def test_what_the_host_does_not_hold_is_not_renewed() -> None:
    driven = leased()
    job = driven.yard.assigned(command=("hours",))
    before = job.current.lease_until
    driven.yard.clock.advance(10)
    driven.take_over()
    driven.turn(claim=False)

    assert driven.yard.get(job.id).current.lease_until == before


class Away:
    """A database that cannot be reached."""

    def execute(self, command: object, /) -> list[AttemptRef]:
        raise StoreUnavailable("the database is away")


class Stopped(MemoryExecutor):
    """A driver that stands still for a minute, just before it tells the host of a renewal."""

    def renew(self, hello: Hello, refs: Sequence[AttemptRef]) -> None:
        self._host.clock.advance(60)
        super().renew(hello, refs)


def outlives_its_lease(driven: Driven) -> bool:
    """Whether what runs is there when its lease is over, if nobody says a word after one that came late."""
    job = driven.yard.submit(command=("hours",))
    driven.turn()
    driven.yard.clock.advance(5)
    driven.execute_jobs._host = Stopped(driven.host)
    driven.execute_jobs._look(driven.drive)
    until = driven.yard.get(job.id).current.lease_until
    assert until is not None
    driven.yard.clock.advance((until - driven.yard.clock.now()).total_seconds())
    driven.host.run()
    return driven.host.next_at < inf


def test_f59_a_word_that_comes_late_gives_the_host_no_time() -> None:
    assert not outlives_its_lease(leased())


def test_f59_counted_from_the_arrival_of_a_word_a_tree_would_outlive_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defence off: a lease counts from the stamp of the hello that came before its renewal."""
    honest = MemoryHost.renew
    late = lambda host, hello, refs: honest(host, replace(hello, stamp=host.boottime), refs)  # noqa: E731
    monkeypatch.setattr(MemoryHost, "renew", late)

    assert outlives_its_lease(leased())


def test_who_looks_first_whether_something_waits_claims_it(driven: Driven) -> None:
    driven.yard.submit(placement=Placement(runner="elsewhere"))
    assert driven.turn(perhaps=True).started == 0

    driven.yard.submit()
    assert driven.turn(perhaps=True).started == 1


def test_what_nobody_can_run_takes_no_room_from_what_this_runner_can(driven: Driven) -> None:
    driven.yard.limit(running=1)
    for name in "abcdefgh":  # of their lanes some are looked at before that of the other job
        driven.yard.submit(placement=Placement(runner=name))
    driven.yard.submit()

    assert driven.turn(perhaps=True).started == 1
