"""Cancel a job."""

from litestar import Controller, post
from litestar.params import FromPath

from ...application.jobs.cancel_job import CancelJobCommand
from ...application.jobs.get_job import GetJobCommand
from .addresses import job_id_of
from .given import CancelJob, GetJob, Names
from .views import JobView


class CancelJobController(Controller):
    """Ending jobs on request."""

    path = "/jobs/{job_id:str}/cancel"
    tags = ("jobs",)

    @post(sync_to_thread=True, status_code=200, operation_id="cancelJob", summary="Cancel a job")
    def cancel(self, job_id: FromPath[str], cancel_job: CancelJob, get_job: GetJob, runner_names: Names) -> JobView:
        """When this answers, no further attempt starts; a running one is asked to end, then made to.

        Asking again, or after the job has finished, changes nothing.
        """
        job = cancel_job.execute(CancelJobCommand(job_id=job_id_of(job_id)))
        return JobView.of(get_job.execute(GetJobCommand(job_id=job.id)), runner_names())
