"""Why a job does not run."""

from typing import Annotated, Any, Self

from litestar import Controller, Request, get, post
from litestar.params import FromPath, RawBody
from pydantic import Field

from ...application.jobs.explain_job import ExplainJobCommand
from ...domain.jobs.explanation import Explanation, Obstacle, RunnerVerdict
from ...domain.jobs.states import JobState
from .addresses import job_id_of
from .create_jobs import MOST_JOB_BYTES, submitted_spec
from .given import Everything
from .spec_views import Moment, View

Change = Annotated[str | None, Field(description="The smallest change that would let it run; null if none is needed.")]


class ObstacleView(View):
    """One thing in the way."""

    code: str = Field(description="What it is, as a code; new codes may appear.")
    message: str
    change: str = Field(description="What would remove it.")
    until: Moment | None = Field(description="When it ends by itself, if that is known.")

    @classmethod
    def of(cls, obstacle: Obstacle) -> Self:
        return cls(code=obstacle.code, message=obstacle.told, change=obstacle.change, until=obstacle.until)


class VerdictView(View):
    """What keeps a runner from taking the job."""

    runner: str
    fits: bool
    obstacles: list[ObstacleView]

    @classmethod
    def of(cls, verdict: RunnerVerdict) -> Self:
        obstacles = [ObstacleView.of(each) for each in verdict.obstacles]
        return cls(runner=verdict.runner.name, fits=verdict.fits, obstacles=obstacles)


class ExplanationView(View):
    """Why a job is where it is."""

    state: JobState
    message: str
    obstacles: list[ObstacleView] = Field(description="What keeps the job itself from standing in line.")
    runners: list[VerdictView]
    ahead: int | None = Field(
        description="How many jobs of its lane stand before it (owner, queue, placement); counted up to 10,000."
    )
    change: Change

    @classmethod
    def of(cls, explanation: Explanation) -> Self:
        return cls(
            state=explanation.job.state,
            message=explanation.told,
            obstacles=[ObstacleView.of(each) for each in explanation.obstacles],
            runners=[VerdictView.of(each) for each in explanation.runners],
            ahead=explanation.ahead,
            change=explanation.change,
        )


class ExplainJobController(Controller):
    """Explaining why jobs do not run."""

    path = "/jobs"
    tags = ("jobs",)

    @get("/{job_id:str}/explain", sync_to_thread=True, operation_id="explainJob", summary="Why does a job not run?")
    def explain(self, job_id: FromPath[str], provided: Everything) -> ExplanationView:
        """What is in its way, for each runner, and the smallest change that would let it run."""
        return ExplanationView.of(provided.explain_job.execute(ExplainJobCommand(job=job_id_of(job_id))))

    @post(
        "/explain",
        sync_to_thread=True,
        status_code=200,
        request_max_body_size=MOST_JOB_BYTES,
        operation_id="explainSubmission",
        summary="Why would a job not run?",
    )
    def explain_submission(
        self, request: Request[Any, Any, Any], body: RawBody, provided: Everything
    ) -> ExplanationView:
        """The same for a job as it would be submitted; nothing is created."""
        spec = submitted_spec(request, body, provided.caller.name)
        return ExplanationView.of(provided.explain_job.execute(ExplainJobCommand(job=spec)))
