"""Mark a store as restored: whoever knows it as it was after the backup is refused from here on."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ...domain.jobs.ids import JobId
from ...domain.jobs.restored import LEAP, leapt
from ...domain.jobs.states import FINAL_STATES, JobState
from ..jobs.list_jobs import ListJobsCommand
from ..ports.calling import UseCase
from ..ports.jobs import Change, JobFilter, JobPage
from ..ports.work import Begin, Reading, RunnersWork

CHUNK: Final = 200
_UNFINISHED: Final = JobFilter(states=frozenset(JobState) - FINAL_STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRestoredCommand:
    """Everything."""


@dataclass(frozen=True, slots=True)
class Marked:
    """How many runners and unfinished jobs there are."""

    runners: int
    jobs: int


class MarkRestored:
    """Fences and epochs leap ahead. While it works nobody may drive a runner; interrupted, it may be done again."""

    def __init__(
        self, begin: Begin[RunnersWork], read: Begin[Reading], pages: UseCase[ListJobsCommand, JobPage]
    ) -> None:
        self._begin = begin
        self._read = read
        self._pages = pages

    def execute(self, _command: MarkRestoredCommand) -> Marked:
        """What was marked."""
        with self._read() as reading:
            runners = [record.runner.id for record in reading.runners.all()]
        with self._begin() as work:
            for runner_id in runners:
                work.runners.save(work.runners.lock(runner_id).leapt(LEAP, now=work.now()))
            work.commit()
        jobs = 0
        after: JobId | None = None
        while True:
            page = self._pages.execute(ListJobsCommand(which=_UNFINISHED, after=after, limit=CHUNK))
            self._leap([item.job.id for item in page.items])
            jobs += len(page.items)
            after = page.next_after
            if after is None:
                return Marked(len(runners), jobs)

    def _leap(self, ids: Collection[JobId]) -> None:
        with self._begin() as work:
            work.jobs.save_all([Change(job, leapt(job)) for job in work.jobs.lock(ids)])
            work.commit()
