"""What drivers do in the database, one function per transaction, all by the moves of the domain."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from runyard.domain.errors import RunyardError
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.ids import DriverId, RunnerId

from .database import Transaction
from .judge import Judge
from .messages import Fact, Facts
from .rules import HOLD, HOLD_AFTER, Rules

SLOTS = 2


@dataclass(frozen=True)
class Live:
    """A driver's knowledge of a live attempt, as old as the transaction it comes from."""

    fence: int
    armed: bool
    cancelling: bool
    stored: int


@dataclass
class Books:
    """`leased` are the runners whose attempts have a lease."""

    rules: Rules
    judge: Judge
    leased: frozenset[RunnerId]

    def take_over(self, tx: Transaction, runner_id: RunnerId, driver: str) -> int:
        """The driver row and, in the same transaction, a new fence for everything that lives there."""
        runner = tx.runners[runner_id].taken_over(DriverId(driver), now=tx.now)
        tx.runners[runner_id] = runner
        if self.rules.one_takeover:
            self.adopt(tx, runner_id)
        assert runner.driver
        return runner.driver.epoch

    def adopt(self, tx: Transaction, runner_id: RunnerId) -> None:
        for job in tx.live_on(runner_id):
            tx.put(job.adopted())
            self.judge.adoptions += 1

    def heartbeat(self, tx: Transaction, runner_id: RunnerId, epoch: int, seconds: float = 15.0) -> None:
        runner = tx.runners[runner_id].heard_from(epoch, now=tx.now, ttl=timedelta(seconds=seconds))
        tx.runners[runner_id] = runner

    def rows(self, tx: Transaction, runner_id: RunnerId) -> dict[AttemptRef, Live]:
        return {job.ref: self.live(tx, job) for job in tx.live_on(runner_id)}

    def live(self, tx: Transaction, job: Job) -> Live:
        return Live(job.fence, job.current.armed, job.cancel_requested, len(tx.stored(job.ref)))

    def claim(self, tx: Transaction, runner_id: RunnerId, epoch: int) -> Job | None:
        tx.runners[runner_id].driven_under(epoch)
        waiting = sorted((job for job in tx.jobs.values() if job.state is JobState.QUEUED), key=lambda job: job.rank)
        if not waiting or len(tx.live_on(runner_id)) >= SLOTS:
            return None
        return tx.put(waiting[0].claimed_by(runner_id, now=tx.now, lease=self._seconds(runner_id)))

    def arm(self, tx: Transaction, ref: AttemptRef, fence: int, boot: str) -> None:
        job = tx.jobs[ref.job_id].expecting(ref, fence)
        asked = job.cancel_requested_at
        if not self.rules.cancel_flag:
            job = replace(job, cancel_requested_at=None)
        job = replace(job.armed(boot, now=tx.now), cancel_requested_at=asked)
        tx.put(self._renewed(tx, job))

    def give_back(self, tx: Transaction, ref: AttemptRef, fence: int) -> None:
        """A claim nobody is about to start."""
        tx.put(tx.jobs[ref.job_id].expecting(ref, fence).released(now=tx.now))

    def void(self, tx: Transaction, ref: AttemptRef, fence: int, boot: str) -> None:
        job = tx.jobs[ref.job_id].expecting(ref, fence)
        armed_under = job.current.boot_id if not self.rules.boot_of_arm else boot
        tx.put(job.released(now=tx.now, void_boot_id=armed_under))
        self.judge.voids += 1

    def report(self, tx: Transaction, answer: Facts, fences: Mapping[AttemptRef, int]) -> list[tuple[AttemptRef, int]]:
        """Facts of one answer; what was stored, and may be acknowledged, with its offset."""
        counted = []
        for ref, fact in answer.facts.items():
            fence = fences[ref] if self.rules.fence_at_send else (fact.fence or fences[ref])
            try:
                self._report(tx, ref, fence, fact)
            except RunyardError:
                continue
            counted.append((ref, len(tx.stored(ref))))
        return counted

    def _report(self, tx: Transaction, ref: AttemptRef, fence: int, fact: Fact) -> None:
        if not self.rules.append_fenced:
            tx.logs[ref] = tx.stored(ref) + fact.data
        job = tx.jobs[ref.job_id].expecting(ref, fence)
        if fact.kind in {"started", "recorded"} and not job.current.armed and not self.rules.arm:
            job = job.armed(fact.boot, now=tx.now)
        if self.rules.append_fenced:
            self._append(tx, ref, fact)
        if fact.kind == "started":
            job = self._renewed(tx, job if job.state is not JobState.CLAIMED else job.started(now=tx.now))
        elif fact.kind == "recorded" and fact.outcome:
            job = job.ended(fact.outcome, log_stored=len(tx.stored(ref)), now=tx.now)
        elif fact.kind == "broken":
            job = self.lost(job, tx, "broken")
        elif fact.kind == "void":
            self.void(tx, ref, fence, fact.boot)
            return
        tx.put(job)

    def _append(self, tx: Transaction, ref: AttemptRef, fact: Fact) -> None:
        stored = len(tx.stored(ref))
        if fact.data and fact.offset <= stored:
            tx.logs[ref] = tx.stored(ref) + fact.data[stored - fact.offset :]

    def over(self, tx: Transaction, refs: frozenset[AttemptRef]) -> list[AttemptRef]:
        """Those that have ended in the books; ended never becomes live again."""
        jobs = tx.jobs
        return [ref for ref in refs if not jobs[ref.job_id].live or jobs[ref.job_id].ref != ref]

    def sweep(self, tx: Transaction) -> None:
        if tx.seconds - tx.last_sweep > HOLD_AFTER and self.rules.sweep_hold:
            tx.hold_until = tx.seconds + HOLD
        tx.last_sweep = tx.seconds
        for job in list(tx.jobs.values()):
            if not job.live:
                tx.put(job.woken(now=tx.now))
            elif self._may_be_lost(tx, job):
                tx.put(self.lost(job, tx, "lease ended"))

    def _may_be_lost(self, tx: Transaction, job: Job) -> bool:
        runner = tx.runners[job.current.runner_id]
        if not self.rules.lease_only and job.current.armed and runner.driver and runner.driver.until < tx.now:
            return True
        lease = job.current.lease_until
        return lease is not None and lease < tx.now and tx.seconds >= tx.hold_until

    def lost(self, job: Job, tx: Transaction, why: str) -> Job:
        attempt, asked = job.current, job.cancel_requested_at
        if attempt.armed and not attempt.started_at and not self.rules.armed_counts:
            return job.released(now=tx.now, void_boot_id=attempt.boot_id)
        if not self.rules.cancel_flag:
            lost = replace(job, cancel_requested_at=None).lost(now=tx.now, why=why)
            return replace(lost, cancel_requested_at=asked)
        return job.lost(now=tx.now, why=why)

    def _renewed(self, tx: Transaction, job: Job) -> Job:
        lease = self._lease(tx, job.current.runner_id)
        return job.renewed(lease) if lease else job

    def _lease(self, tx: Transaction, runner_id: RunnerId) -> datetime | None:
        seconds = self._seconds(runner_id)
        return None if seconds is None else tx.now + timedelta(seconds=seconds)

    def _seconds(self, runner_id: RunnerId) -> int | None:
        return ceil(self.rules.lease) if runner_id in self.leased else None
