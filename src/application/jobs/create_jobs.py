"""Create jobs: from here on they are never lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.jobs.job import Job
from ...domain.jobs.spec import JobSpec
from ..ports.jobs import JobRecord, NewJob
from ..ports.rings import READY, Rings
from ..ports.system import Identifiers
from ..ports.work import Begin, JobsWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJobsCommand:
    """The jobs to create; specs have been checked when they were made."""

    specs: Sequence[JobSpec]


class CreateJobs:
    """Accepts jobs. When this returns they are durable; all of them, or none."""

    def __init__(self, begin: Begin[JobsWork], identifiers: Identifiers, rings: Rings) -> None:
        self._begin = begin
        self._identifiers = identifiers
        self._rings = rings

    def execute(self, command: CreateJobsCommand) -> list[JobRecord]:
        """The accepted jobs, in the order given."""
        with self._begin() as work:
            now = work.now()
            new = [NewJob(Job.submitted(self._identifiers.job_id(), spec, now=now), spec) for spec in command.specs]
            work.jobs.add_all(new)
            work.commit()
        self._rings.ring({READY})
        return [JobRecord(item.job, item.spec) for item in new]
