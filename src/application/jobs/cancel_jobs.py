"""Cancel jobs: all that a filter means, a few at a time."""

from dataclasses import dataclass, replace
from typing import Final

from ...domain.jobs.ids import JobId
from ...domain.jobs.states import FINAL_STATES, JobState
from ..ports.calling import UseCase
from ..ports.jobs import Change, JobFilter, JobPage
from ..ports.rings import Rings, about_job, about_runner
from ..ports.work import Begin, JobsWork
from .list_jobs import ListJobsCommand
from .seated_jobs import SeatedJobs

CHUNK: Final = 200
"""So many jobs are changed in one transaction."""

UNFINISHED: Final = frozenset(JobState) - FINAL_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJobsCommand:
    """Which jobs, older than which, and no more than so many; `dry_run` only tells which."""

    which: JobFilter
    most: int
    after: JobId | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Meant:
    """The jobs that were meant, newest first; `next_after` continues them, None when that were all."""

    ids: tuple[JobId, ...]
    next_after: JobId | None


class CancelJobs:
    """Cancels unfinished jobs. It may be repeated, and whatever it did before it failed is done."""

    def __init__(self, begin: Begin[JobsWork], pages: UseCase[ListJobsCommand, JobPage], rings: Rings) -> None:
        self._begin = begin
        self._pages = pages
        self._rings = rings

    def execute(self, command: CancelJobsCommand) -> Meant:
        """When this returns, no further attempt of these jobs will be armed."""
        states = (command.which.states or UNFINISHED) & UNFINISHED
        if not states:
            return Meant((), None)
        done: list[JobId] = []
        after = command.after
        while len(done) < command.most:
            wanted = min(CHUNK, command.most - len(done))
            which = replace(command.which, states=states)
            page = self._pages.execute(ListJobsCommand(which=which, after=after, limit=wanted))
            ids = [item.job.id for item in page.items]
            if ids and not command.dry_run:
                self._cancel(ids)
            done += ids
            after = page.next_after
            if after is None:
                break
        return Meant(tuple(done), after)

    def _cancel(self, ids: list[JobId]) -> None:
        with self._begin() as work:
            seated = SeatedJobs.lock(work, ids)
            now = work.now()
            changes = [Change(job, job.cancelled(now=now)) for job in seated.jobs]
            seated.save_all(changes, now=now)
            work.commit()
        topics = {about_job(change.after.id) for change in changes} | seated.topics
        topics |= {about_runner(change.after.current.runner_id) for change in changes if change.after.live}
        self._rings.ring(topics)
