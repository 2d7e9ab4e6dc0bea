"""Pausing and resuming: wishes that may be repeated, and are told apart by their number."""

from ..errors import Refusal, RunyardError
from .ids import JobId
from .job import Job
from .states import JobState


class BeingCancelled(RunyardError):
    """The job is being ended, so it is not paused any more."""

    refusal = Refusal.CONFLICT
    code = "job-being-cancelled"

    def __init__(self, job_id: JobId) -> None:
        super().__init__(f"job {job_id} is being cancelled; it is not paused any more")


def paused(job: Job) -> Job:
    """The running job, to be stopped; one that is paused already stays as it is."""
    if job.live and job.cancel_requested:
        raise BeingCancelled(job.id)
    return job if job.state is JobState.PAUSED else job.paused()


def resumed(job: Job) -> Job:
    """The paused job, to go on; one that runs already stays as it is."""
    return job if job.state is JobState.RUNNING else job.resumed()
