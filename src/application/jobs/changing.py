"""How a running job is steered: lock it, let the domain decide, save, ring for the driver of its runner."""

from collections.abc import Callable

from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ..ports.jobs import Change
from ..ports.rings import Rings, about_job, about_runner
from ..ports.work import Begin, JobsWork


def changed(begin: Begin[JobsWork], rings: Rings, job_id: JobId, move: Callable[[Job], Job]) -> Job:
    """The job after the move, durable, or `JobNotFound`."""
    with begin() as work:
        found = work.jobs.lock([job_id])
        if not found:
            raise JobNotFound(job_id)
        (job,) = found
        after = move(job)
        work.jobs.save_all([Change(job, after)])
        work.commit()
    rings.ring({about_job(job_id), about_runner(after.current.runner_id)})
    return after
