"""Report outcomes: what hosts say of attempts becomes the state of jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...domain.errors import RunyardError
from ...domain.jobs.errors import StaleAttempt
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from ...domain.runners.ids import RunnerId
from ..ports.control_tasks import ControlTasks
from ..ports.executor import Broken, Ended, Gone, Reported, Started, Voided
from ..ports.jobs import Change
from ..ports.rings import READY, Rings, about_job
from ..ports.work import Begin, ReportWork
from .seated_jobs import SeatedJobs
from .sweep_jobs import sweep_when_due

Fact = Started | Gone | Reported | Ended | Voided | Broken


@dataclass(frozen=True, slots=True)
class FencedFact:
    """Something a host said, under the fence its sender knows."""

    fact: Fact
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutcomesCommand:
    """Facts about any number of attempts; those of one attempt in order.

    `of`: the runner that reports, if it may speak of its own attempts only.
    """

    facts: Sequence[FencedFact]
    of: RunnerId | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of one fact: the job as it is now, or why the fact does not count."""

    fact: Fact
    job: Job | None
    refused: RunyardError | None = None

    @property
    def over(self) -> bool:
        """Whether it counted, and the attempt lives no more."""
        job = self.job
        return self.refused is None and job is not None and not (job.live and job.ref == self.fact.ref)


class FactAnswer(Protocol):
    """As much of that as whoever reports needs to know."""

    @property
    def fact(self) -> Fact:
        """What was reported."""

    @property
    def refused(self) -> RunyardError | None:
        """Why it does not count."""

    @property
    def over(self) -> bool:
        """Whether it counted, and the attempt lives no more."""


class ReportOutcomes:
    """At most one outcome of a job counts: that of its live attempt, reported under its current fence."""

    def __init__(self, begin: Begin[ReportWork], rings: Rings, control_tasks: ControlTasks) -> None:
        self._begin = begin
        self._rings = rings
        self._control_tasks = control_tasks

    def execute(self, command: ReportOutcomesCommand) -> list[Counted]:
        """An answer for each fact, in the order given; what is answered as counted is durable."""
        refs = {item.fact.ref for item in command.facts}
        with self._begin() as work:
            seated = SeatedJobs.lock(work, {ref.job_id for ref in refs})
            before = {job.id: job for job in seated.jobs}
            after = dict(before)
            heads = work.logs.heads(refs)
            now = work.now()
            answers = []
            for item in command.facts:
                ref = item.fact.ref
                try:
                    if ref.job_id not in after:
                        raise StaleAttempt(ref)
                    job = after[ref.job_id].expecting(ref, item.fence, on=command.of)
                    after[ref.job_id] = _told(job, item.fact, log_stored=heads[ref].stored, now=now)
                except RunyardError as refusal:
                    answers.append(Counted(item.fact, after.get(ref.job_id), refusal))
                else:
                    answers.append(Counted(item.fact, after[ref.job_id]))
            seated.save_all([Change(before[job_id], after[job_id]) for job_id in before], now=now)
            work.commit()
        claimable = any(job.live and after[job.id].state is JobState.QUEUED for job in before.values())
        self._rings.ring({about_job(job_id) for job_id in before} | ({READY} if claimable else set()) | seated.topics)
        sweep_when_due(self._control_tasks, after.values(), now=now)
        return answers


def _told(job: Job, fact: Fact, *, log_stored: int, now: datetime) -> Job:
    match fact:
        case Started(containment=containment):
            return job.started(now=now, containment=containment)
        case Reported(progress=progress, result=result):
            return job.progressed(progress=progress, result=result)
        case Gone(offset=offset):
            return job.log_cut(stored=log_stored, now=now) if log_stored < offset else job
        case Ended(outcome=outcome):
            return job.ended(outcome, log_stored=log_stored, now=now)
        case Voided(boot_id=boot_id):
            return job.released(now=now, void_boot_id=boot_id)
        case Broken(why=why, tree_empty=tree_empty):
            return job.lost(now=now, why=why, tree_empty=tree_empty)
