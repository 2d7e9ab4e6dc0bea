"""Pause and resume a job, and force-finish one."""

from typing import Any

from litestar import Controller, Request, post
from litestar.params import FromPath, RawBody

from ...application.jobs.force_finish import ForceFinishCommand
from ...application.jobs.get_job import GetJobCommand
from ...application.jobs.pause_job import PauseJobCommand
from ...application.jobs.resume_job import ResumeJobCommand
from ...domain.jobs.ids import JobId
from .addresses import job_id_of
from .given import Everything
from .provided import Provided
from .request_body import read_body
from .steer_bodies import ForceFinishBody
from .views import JobView


class SteerJobController(Controller):
    """Changing what becomes of a running job."""

    path = "/jobs/{job_id:str}"
    tags = ("jobs",)

    @post("/pause", sync_to_thread=True, status_code=200, operation_id="pauseJob", summary="Pause a running job")
    def pause(self, job_id: FromPath[str], provided: Everything) -> JobView:
        """Its processes are stopped (SIGSTOP) and its `run_timeout` stands still; its `total_timeout` goes on.

        Asking again changes nothing. A paused job keeps its slot, and may be cancelled.
        """
        wanted = job_id_of(job_id)
        provided.pause_job.execute(PauseJobCommand(job_id=wanted))
        return _shown(wanted, provided)

    @post("/resume", sync_to_thread=True, status_code=200, operation_id="resumeJob", summary="Resume a paused job")
    def resume(self, job_id: FromPath[str], provided: Everything) -> JobView:
        """Its processes go on where they were stopped. Asking again changes nothing."""
        wanted = job_id_of(job_id)
        provided.resume_job.execute(ResumeJobCommand(job_id=wanted))
        return _shown(wanted, provided)

    @post(
        "/force-finish", sync_to_thread=True, status_code=200, operation_id="forceFinish", summary="Force-finish a job"
    )
    def force_finish(
        self, request: Request[Any, Any, Any], body: RawBody, job_id: FromPath[str], provided: Everything
    ) -> JobView:
        """Give up a job whose host is not heard of: it ends `failed` (`forced`) in the books only.

        Its processes may still run; they are ended when their host is seen. For a host that answers, cancel instead.
        """
        wanted = job_id_of(job_id)
        why = read_body(request, body, ForceFinishBody).reason
        provided.force_finish.execute(ForceFinishCommand(job_id=wanted, why=why))
        return _shown(wanted, provided)


def _shown(job_id: JobId, provided: Provided) -> JobView:
    return JobView.of(provided.get_job.execute(GetJobCommand(job_id=job_id)), provided.runner_names())
