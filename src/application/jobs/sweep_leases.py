"""Sweep leases: what was not heard of for as long as its lease is lost, and may run somewhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...domain.jobs.ids import JobId
from ...domain.jobs.leases import USUAL, LeaseTerms, LeaseWatch
from ..ports.jobs import Change
from ..ports.leases import LeasesWork
from ..ports.rings import READY, Rings, about_job, about_runner
from ..ports.system import Clock
from ..ports.work import Begin
from .seated_jobs import SeatedJobs


@dataclass(slots=True)
class Swept:
    """What one sweeper remembers: the store's time at its last sweep, and its own. To lose it costs a protection
    against a leap of the store's clock at that very moment, never a job.
    """

    at: datetime | None = None
    elapsed: float = 0.0

    def leapt(self, most: float, *, now: datetime, elapsed: float) -> bool:
        """Whether the store's clock has run ahead of ours by more than that since."""
        return self.at is not None and (now - self.at).total_seconds() - (elapsed - self.elapsed) > most


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLeasesCommand:
    """End no more than so many in one transaction; `swept` is brought up to date."""

    most: int = 500
    swept: Swept = field(default_factory=Swept)


class SweepLeases:
    """Ends leases by the store's clock. Any number may sweep at once.

    Nobody swept for a while, or the store's clock leapt: then hosts were not renewed for reasons of ours, or the moment
    that a lease ends came too soon. Nothing is called lost until everybody had time to be heard of again.
    """

    def __init__(self, begin: Begin[LeasesWork], clock: Clock, rings: Rings, terms: LeaseTerms = USUAL) -> None:
        self._begin = begin
        self._clock = clock
        self._rings = rings
        self._terms = terms

    def execute(self, command: SweepLeasesCommand) -> int:
        """How many leases had ended; as many as `most` means that more may have."""
        with self._begin() as work:
            longest = work.leases.longest()
            if longest is None:  # then a hold that begins with the first lease ends before that lease can
                command.swept.at = None
                return 0
            last = work.leases.watch()
            now, elapsed = work.now(), self._clock.elapsed()
            watch = LeaseWatch.after(last, self._terms, now=now)
            if command.swept.leapt(self._terms.leap, now=now, elapsed=elapsed):
                watch = watch.held_for(longest, now=now)
            ended = [] if watch.holds(now) else work.leases.lapsed(now, command.most)
            seated, changes = self._ended(work, ended, now)
            if changes or last is None or watch.hold_until != last.hold_until or self._stale(last, now):
                work.leases.keep(watch)
                work.commit()
        command.swept.at, command.swept.elapsed = now, elapsed  # not before: a leap that is forgotten was never seen
        if changes:
            runners = {about_runner(change.before.current.runner_id) for change in changes}
            self._rings.ring({about_job(change.after.id) for change in changes} | runners | seated.topics | {READY})
        return len(ended)

    def _ended(self, work: LeasesWork, ids: Sequence[JobId], now: datetime) -> tuple[SeatedJobs, list[Change]]:
        seated = SeatedJobs.lock(work, ids)
        pairs = [(job, job.lapsed(now=now)) for job in seated.jobs]
        changes = [Change(before, after) for before, after in pairs if before != after]
        if changes:
            seated.save_all(changes, now=now)
        return seated, changes

    def _stale(self, last: LeaseWatch, now: datetime) -> bool:
        """Whether it is time to say again that somebody sweeps."""
        return abs((now - last.swept_at).total_seconds()) > self._terms.gap / 3
