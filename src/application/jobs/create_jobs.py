"""Create jobs: from here on they are never lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.jobs.job import Job
from ...domain.jobs.spec import JobSpec
from ..ports.control_tasks import ControlTasks
from ..ports.jobs import JobRecord, NewJob
from ..ports.rings import READY, Rings
from ..ports.system import Identifiers
from ..ports.work import Begin, JobsWork
from .sweep_jobs import sweep_when_due


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJobsCommand:
    """The jobs to create; specs have been checked when they were made."""

    specs: Sequence[JobSpec]


class CreateJobs:
    """Accepts jobs. When this returns they are durable; all of them, or none."""

    def __init__(
        self, begin: Begin[JobsWork], identifiers: Identifiers, rings: Rings, control_tasks: ControlTasks
    ) -> None:
        self._begin = begin
        self._identifiers = identifiers
        self._rings = rings
        self._control_tasks = control_tasks

    def execute(self, command: CreateJobsCommand) -> list[JobRecord]:
        """The accepted jobs, in the order given."""
        with self._begin() as work:
            now = work.now()
            new = [NewJob(Job.submitted(self._identifiers.job_id(), spec, now=now), spec) for spec in command.specs]
            work.jobs.add_all(new)
            work.commit()
        self._rings.ring({READY})
        sweep_when_due(self._control_tasks, [item.job for item in new], now=now)
        return [JobRecord(item.job, item.spec) for item in new]
