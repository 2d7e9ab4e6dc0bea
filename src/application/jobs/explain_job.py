"""Explain a job: why it does not run, or would not if it were submitted now."""

from dataclasses import dataclass
from typing import Final

from ...domain.jobs.explanation import MOST_AHEAD, Explanation, KeyLine, Surroundings, explained
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.spec import JobSpec
from ..ports.work import Begin, ExplainReading

_NOT_YET: Final = JobId("ffffffff-ffff-ffff-ffff-ffffffffffff")
"""Stands behind every job of its rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainJobCommand:
    """A job there is, or what would be submitted."""

    job: JobId | JobSpec


class ExplainJob:
    """One look at the store; nothing is reserved by it."""

    def __init__(self, read: Begin[ExplainReading]) -> None:
        self._read = read

    def execute(self, command: ExplainJobCommand) -> Explanation:
        """The explanation, or `JobNotFound`."""
        with self._read() as reading:
            now = reading.now()
            line = None
            if isinstance(command.job, JobSpec):
                spec = command.job
                job = Job.submitted(_NOT_YET, spec, now=now)
            else:
                record = reading.jobs.get(command.job)
                job, spec = record.job, record.spec
                if record.place and spec.concurrency:
                    line = KeyLine(spec.concurrency.key, record.place.position, record.place.holders)
            runners = [(each.runner, each.busy) for each in reading.runners.all()]
            pause = next((each for each in reading.queues.all() if each.queue == spec.queue), None)
            ahead = reading.gauges.ahead(job, MOST_AHEAD)
            return explained(job, Surroundings(spec.lane, runners, ahead, now, pause, line))
