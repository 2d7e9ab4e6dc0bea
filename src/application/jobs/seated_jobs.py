"""Jobs locked with their concurrency keys, so that whoever ends one lets the next one in.

Keys are locked before jobs, in their order, and jobs in that of their ids, all at once: no two units of work wait for
each other. Jobs without a key cost one look. A job that is ended without this gives its seat back all the same, and the
sweep lets the next one in a second later.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Self

from ...domain.errors import RunyardError
from ...domain.jobs.decisions import let_in, turned_away
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.seating import Refused, Seated, Seating, Waiter
from ..ports.jobs import Change
from ..ports.rings import READY, about_job, about_runner
from ..ports.work import JobsWork

LINE: Final = 100
"""So many of each line are let in by one sweep."""


class SeatedJobs:
    """What is known under the locks, and what becomes of it. `topics` is what to ring about after the commit."""

    def __init__(self, work: JobsWork, seatings: Iterable[Seating], ids: Collection[JobId]) -> None:
        self._work = work
        self._seatings = {seating.key: seating for seating in seatings}
        self._limits = {key: seating.limit for key, seating in self._seatings.items()}
        line = {waiter.job_id for seating in self._seatings.values() for waiter in seating.line}
        wanted = {*ids, *line}
        self._before = {job.id: job for job in work.jobs.lock(wanted)} if wanted else {}
        self._after: dict[JobId, Job] = {}
        self.jobs = [job for job in self._before.values() if job.id in ids]
        self.topics: set[str] = set()
        for key, seating in self._seatings.items():  # whom somebody ended meanwhile, without the key
            for waiter in seating.line:
                if waiter.job_id not in self._before or not self._before[waiter.job_id].in_line:
                    self._seatings[key] = self._seatings[key].given_up_by(waiter)

    @classmethod
    def lock(cls, work: JobsWork, ids: Collection[JobId]) -> Self:
        """These jobs with their keys, to end some of them; `jobs` has them by id, unknown ones missing."""
        keys = Counter(work.seats.keys_of(ids).values())
        return cls(work, work.seats.lock(keys) if keys else (), set(ids))

    @classmethod
    def lock_to_admit(cls, work: JobsWork, ids: Collection[JobId]) -> Self:
        """The same, with whom they may have to replace, to let some of them become eligible."""
        keys = dict.fromkeys(work.seats.keys_of(ids).values(), LINE)
        seatings = work.seats.lock(keys, counted=True) if keys else []
        seated = cls(work, seatings, {*ids, *_holders(seatings)})
        seated.jobs = [job for job in seated.jobs if job.id in ids]
        return seated

    @classmethod
    def lock_to_enter(cls, work: JobsWork, new: Sequence[Job]) -> Self:
        """The keys of new jobs, under the limits that those ask for."""
        asked = {job.concurrency.line: job.concurrency.limit for job in new if job.concurrency}
        seatings = work.seats.lock(asked, counted=True) if asked else []
        seated = cls(work, seatings, _holders(seatings))
        seated.jobs = list(new)
        for key, limit in asked.items():
            seated._seatings[key] = seated._seatings[key].limited_to(limit)
        return seated

    def save_all(self, changes: Sequence[Change], *, now: datetime) -> None:
        """Store the changes, and with them who gets a seat that became free."""
        self._after |= {change.after.id: change.after for change in changes}
        for change in changes:
            self._leave(change)
        for change in changes:
            if change.after.in_line and not change.before.in_line:
                refusal = self._admit(change.after, now=now)
                if refusal:
                    self._after[change.after.id] = change.after.decided(turned_away(refusal), now=now)
        self._save(now=now)

    def admit_all(self, *, now: datetime) -> dict[JobId, RunyardError]:
        """Let new jobs in, one after the other; why some of them are refused."""
        answers = [(job.id, self._admit(job, now=now)) for job in self.jobs]
        self._save(now=now)
        return {job_id: refusal for job_id, refusal in answers if refusal}

    @property
    def entered(self) -> list[Job]:
        """The jobs as they are now, without those that were refused."""
        return [self._after[job.id] for job in self.jobs if job.id in self._after]

    def _admit(self, job: Job, *, now: datetime) -> RunyardError | None:
        """Let a job of a key in, or put it in line; or the refusal, and then nothing changes."""
        asked = job.concurrency
        if asked is None or not job.in_line:
            self._after[job.id] = job
            return None
        self._fill(asked.line, now)
        self._seatings[asked.line], answer = self._seatings[asked.line].admit(Waiter(job.rank, job.id), asked)
        if isinstance(answer, Refused):
            return answer.why
        if isinstance(answer, Seated):
            self._after[job.id] = job.decided(let_in(answer.number), now=now)
            return None
        self._after[job.id] = replace(job, rank=answer.rank)
        if answer.replaces:
            self._make_room(asked.line, now)
        return None

    def _save(self, *, now: datetime) -> None:
        """Let in whom there are seats for, and store what became of jobs that were stored before."""
        for key in self._seatings:
            self._fill(key, now)
        limits = [seating for key, seating in self._seatings.items() if seating.limit != self._limits[key]]
        if limits:
            self._work.seats.save_all(limits)
        moved = [after for after in self._after.values() if after.id in self._before]
        self._work.jobs.save_all([Change(self._before[after.id], after) for after in moved])

    def _leave(self, change: Change) -> None:
        before, after = change.before, change.after
        if before.concurrency is None:
            return
        key = before.concurrency.line
        if before.seat is not None and after.seat is None:
            self._seatings[key] = self._seatings[key].left_by(before.id)
        if before.in_line and not after.in_line:
            self._seatings[key] = self._seatings[key].given_up_by(Waiter(before.rank, before.id))

    def _fill(self, key: str, now: datetime) -> None:
        self._seatings[key], promoted = self._seatings[key].filled()
        for promotion in promoted:
            job = self._now(promotion.job_id)
            self._after[job.id] = job.decided(let_in(promotion.number), now=now)
            self.topics |= {about_job(job.id), READY}

    def _make_room(self, key: str, now: datetime) -> None:
        """The oldest job with a seat that nobody cancelled yet is cancelled."""
        holders = [self._now(job_id) for job_id in self._seatings[key].held_by]
        for job in [job for job in holders if not job.cancel_requested][:1]:
            cancelled = job.cancelled(now=now)
            self._after[job.id] = cancelled
            self.topics.add(about_job(job.id))
            if cancelled.live:
                self.topics.add(about_runner(cancelled.current.runner_id))
            else:
                self._seatings[key] = self._seatings[key].left_by(job.id)
                self._fill(key, now)

    def _now(self, job_id: JobId) -> Job:
        return self._after.get(job_id) or self._before[job_id]


def _holders(seatings: Iterable[Seating]) -> set[JobId]:
    return {job_id for seating in seatings for job_id in seating.held_by}
