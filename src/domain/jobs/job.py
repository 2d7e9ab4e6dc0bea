"""A job and its moves. A move returns a new value or refuses; time is always an argument."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ..runners.ids import RunnerId
from .attempt import Attempt, Ending, Outcome, Progress
from .concurrency import KEY_BUSY
from .decisions import Decision, after_end, after_loss, cancelled_unstarted, eligible, forced, overdue
from .errors import StaleAttempt
from .ids import JobId
from .limits import Deadlines, Replacement, rank
from .said import fit_to_keep
from .spec import JobSpec
from .standing import Standing
from .states import JobAction, JobState, next_state

UNREACHABLE: Final = "unreachable"
"""The reason of a live job whose lease has ended, and which nothing may replace before its end was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Standing):
    """All that can happen to a job. Its one base class is itself, without the moves: together they fill two pages."""

    @classmethod
    def submitted(cls, job_id: JobId, spec: JobSpec, *, now: datetime) -> Self:
        """A new job: queued, or pending until its `not_before` or until it gets a seat of its key."""
        eligible_at = max(spec.not_before or now, now)
        reason = "scheduled" if eligible_at > now else KEY_BUSY if spec.concurrency else None
        return cls(
            id=job_id,
            queue=spec.queue,
            lane=spec.lane.key,
            priority=spec.priority,
            retry=spec.retry,
            on_lost=spec.on_lost,
            replacement=spec.replace,
            created_at=now,
            eligible_at=eligible_at,
            rank=rank(eligible_at, spec.priority),
            deadlines=Deadlines.counted_from(now, queue=spec.queue_timeout, total=spec.total_timeout),
            concurrency=spec.concurrency and replace(spec.concurrency, project=spec.project),
            state=next_state(JobState.DRAFT, JobAction.SUBMIT_HELD if reason else JobAction.SUBMIT_READY),
            reason=reason,
        )

    @property
    def _allowed(self) -> Attempt:
        """The live attempt, armed: of no other can a host have anything to say."""
        if not self.live or not self.current.armed:
            raise StaleAttempt(self.ref)
        return self.current

    def woken(self, *, now: datetime) -> Self:
        """What becomes of a waiting job when it is due: expired, queued, in line for a seat, or unchanged."""
        if self.due_at is None or self.due_at > now:
            return self
        late = overdue(self.deadlines, self.attempt, now=now)
        return self.decided(late or eligible(needs_seat=bool(self.concurrency) and self.seat is None), now=now)

    def claimed_by(self, runner_id: RunnerId, *, now: datetime, lease: int | None = None) -> Self:
        """Assigned to a runner, as a new attempt under a new fence; with a lease of so many seconds, or with none."""
        number = 1 if self.attempt is None else self.attempt.number + 1
        until = None if lease is None else now + timedelta(seconds=lease)
        attempt = Attempt(number=number, runner_id=runner_id, claimed_at=now, lease=lease, lease_until=until)
        return self._after(JobAction.CLAIM, attempt=attempt, fence=self.fence + 1, reason=None, message=None)

    def armed(self, boot_id: str, *, now: datetime) -> Self:
        """The start is allowed; from here on only the host can say that it never happened."""
        attempt, lease = self.current, self.current.lease_until
        if attempt.armed or self.cancel_requested or (lease and lease < now):
            raise StaleAttempt(self.ref)
        return self._after(JobAction.ARM, attempt=replace(attempt, armed_at=now, boot_id=boot_id))

    def started(self, *, now: datetime, containment: str | None = None) -> Self:
        attempt = replace(self._allowed, started_at=now, containment=containment)
        return self._after(JobAction.REPORT_STARTED, attempt=attempt)

    def progressed(self, *, progress: Progress | None = None, result: str | None = None) -> Self:
        """What the running job said of itself; not a move."""
        return replace(self, attempt=self._allowed.said(progress, fit_to_keep(result)))

    def adopted(self) -> Self:
        """Another driver takes over: the same attempt under the next fence."""
        return self._after(JobAction.ADOPT, fence=self.fence + 1)

    def renewed(self, lease_until: datetime) -> Self:
        """The host was heard of; its dead man's window moves on."""
        renewed = replace(self.current, lease_until=lease_until)
        return self._after(JobAction.RENEW, attempt=renewed, reason=None, message=None)

    def log_cut(self, *, stored: int, now: datetime) -> Self:
        """Output that is not stored is gone for good: the log ends where it is stored now."""
        cut = replace(self, attempt=replace(self._allowed, log_complete=False))
        return cut.settled(log_stored=stored, now=now)

    def paused(self) -> Self:
        """Stopped on request; its run timeout stands still."""
        return self._after(JobAction.PAUSE)

    def resumed(self) -> Self:
        return self._after(JobAction.RESUME)

    def cancelled(self, *, now: datetime) -> Self:
        """Cancelled at once if nothing was armed, else flagged so that nothing is; again, or too late, is nothing."""
        if self.finished or self.cancel_requested:
            return self
        asked = replace(self, cancel_requested_at=now)
        if not self.live:
            return asked.decided(cancelled_unstarted(JobAction.CANCEL_NOW, self.attempt), now=now)
        if not self.current.armed:
            given_back = replace(asked, attempt=self.current.released(now=now))
            return given_back.decided(cancelled_unstarted(JobAction.CANCEL_UNARMED, given_back.attempt), now=now)
        return asked._after(JobAction.REQUEST_CANCEL)

    def released(self, *, now: datetime, void_boot_id: str | None = None) -> Self:
        """Given back free of charge: it was never armed, or the host voided it.

        A void from another boot (a power loss forgets starts), or of what was seen to run, counts as a loss.
        """
        attempt = self.current
        if attempt.armed and void_boot_id is None:
            raise StaleAttempt(self.ref)
        if attempt.armed and (void_boot_id != attempt.boot_id or self.state is not JobState.CLAIMED):
            return self.lost(now=now, why="the host knows nothing of it any more, and it may have started there")
        given_back = replace(self, attempt=attempt.released(now=now))
        if self.cancel_requested:
            return given_back.decided(cancelled_unstarted(JobAction.RELEASE_CANCELLED, given_back.attempt), now=now)
        return given_back._after(JobAction.RELEASE_VOID if attempt.armed else JobAction.RELEASE_UNARMED)

    def ended(self, outcome: Outcome, *, log_stored: int, now: datetime) -> Self:
        """The host recorded the end. It counts once the whole log is stored; until then: finishing."""
        if self.state is JobState.FINISHING:
            return self.settled(log_stored=log_stored, now=now, give_up=outcome.ending is Ending.DEADMAN)
        if outcome.ending is Ending.DEADMAN:
            return self.lost(now=now, why=outcome.explained(), tree_empty=outcome.tree_empty, ending=outcome.ending)
        recorded = self._after(JobAction.EXIT_RECORDED, attempt=replace(self._allowed, outcome=outcome))
        return recorded.settled(log_stored=log_stored, now=now)

    def settled(self, *, log_stored: int, now: datetime, give_up: bool = False) -> Self:
        """A finishing job once its log is complete, or nothing more can come (`give_up`)."""
        outcome = self.attempt.outcome if self.attempt else None
        if self.state is not JobState.FINISHING or outcome is None:
            return self
        complete = outcome.log_size is None or log_stored >= outcome.log_size
        if not complete and not give_up and self.current.log_complete:
            return self
        attempt = replace(self.current.ended(outcome, now=now), log_complete=complete)
        failures = self.failures + (not outcome.succeeded)
        again = self.retry.next_attempt(outcome.cause, failures, of=self.ref, now=now, before=self.deadlines.end_by)
        decision = after_end(outcome, cancelling=self.cancel_requested, again=again)
        return replace(self, attempt=attempt, failures=failures).decided(decision, now=now)

    def lost(self, *, now: datetime, why: str, tree_empty: bool | None = None, ending: Ending = Ending.LOST) -> Self:
        """Gone with its host or supervisor; a start if ever armed. A recorded exit is stronger: only log is missing."""
        if not self.current.armed:
            return self.released(now=now)
        if self.state is JobState.FINISHING:
            return self.settled(log_stored=0, now=now, give_up=True)
        attempt, crashes = self.current.lost(why, tree_empty, now=now, ending=ending), self.crashes + 1
        cancelling, on_lost, limit = self.cancel_requested, self.on_lost, self.retry.crash_limit
        decision = after_loss(why, tree_empty, cancelling=cancelling, on_lost=on_lost, crashes=crashes, limit=limit)
        return replace(self, attempt=attempt, crashes=crashes).decided(decision, now=now)

    def unreachable(self, why: str | None = None) -> Self:
        """The lease ended, but nothing new may start before this end was seen."""
        return self._after(JobAction.MARK_UNREACHABLE, reason=UNREACHABLE, message=why)

    def lapsed(self, *, now: datetime) -> Self:
        """What becomes of a live job whose lease has ended: given back, lost, or unreachable; else it is unchanged."""
        if not self.live or not self.current.lapsed(now):
            return self
        why = f"its host was out of reach for longer than its lease of {self.current.lease} seconds"
        waits = self.current.armed and self.state is not JobState.FINISHING
        if not waits or self.replacement is Replacement.AFTER_LEASE:
            return self.lost(now=now, why=why)
        return self if self.reason == UNREACHABLE else self.unreachable(why)

    def forced(self, *, now: datetime, why: str) -> Self:
        """Ended in the books only, by an operator."""
        return replace(self, attempt=self.current.forced(why, now=now)).decided(forced(why), now=now)

    def decided(self, decision: Decision, *, now: datetime) -> Self:
        """What was decided, done. A job that ends gives its seat back."""
        moved = self._after(decision.action, reason=decision.reason, message=decision.message)
        if moved.finished:
            return replace(moved, finished_at=now, end_confirmed=decision.end_confirmed, seat=None)
        if decision.again is None:
            return moved if decision.seat is None else replace(moved, seat=decision.seat)
        return replace(moved, eligible_at=decision.again, rank=rank(decision.again, self.priority))

    def _after(self, action: JobAction, **changes: Any) -> Self:
        return replace(self, state=next_state(self.state, action), **changes)
