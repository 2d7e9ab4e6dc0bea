"""Jobs: list, look."""

from typing import Annotated, Any, Final

from litestar import Controller, Request, Response, get
from litestar.params import FromPath, QueryParameter

from ...application.jobs.get_job import GetJobCommand
from ...application.jobs.list_attempts import ListAttemptsCommand
from ...application.jobs.list_jobs import ListJobsCommand
from ...domain.jobs.states import JobState
from .addresses import cursor_of, job_after, job_id_of, link_to
from .given import Everything, GetJob, ListAttempts, Names
from .job_filters import CreatedAfter, CreatedBefore, Label, Name, Owner, Project, Queue, filter_of
from .problems import wrong_parameter
from .views import AttemptsView, AttemptView, JobPageView, JobSummaryView, JobView

_ID_LETTERS: Final = frozenset("0123456789abcdef-")

State = Annotated[
    list[JobState] | None, QueryParameter(name="state", description="Only jobs in this state; may be repeated.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, QueryParameter(description="The `next_cursor` of the page before.")]
IdPart = Annotated[str | None, QueryParameter(description="The beginning or the end of an id.")]


class JobsController(Controller):
    """Jobs."""

    path = "/jobs"
    tags = ("jobs",)

    @get(sync_to_thread=True, operation_id="listJobs", summary="List jobs")
    def list_of_jobs(  # noqa: PLR0913, PLR0917 - each is a parameter of the address
        self,
        request: Request[Any, Any, Any],
        provided: Everything,
        states: State = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        id_part: IdPart = None,
        project: Project = None,
        owner: Owner = None,
        queue: Queue = None,
        name: Name = None,
        label: Label = None,
        created_after: CreatedAfter = None,
        created_before: CreatedBefore = None,
    ) -> Response[JobPageView]:
        """Newest first, a page at a time; jobs created meanwhile do not shift later pages.

        A list leaves out `env` and `stdin`, and all but the beginning of a long command; `getJob` tells everything.
        """
        texts = {"project": project, "owner": owner, "queue": queue, "name": name}
        texts |= {"created_after": created_after, "created_before": created_before}
        which = filter_of(states, texts, label, _id_part(id_part))
        after = job_after(cursor) if cursor is not None else None
        page = provided.list_jobs.execute(ListJobsCommand(which=which, after=after, limit=limit))
        names = provided.runner_names()
        following = cursor_of(page.next_after) if page.next_after else None
        headers = link_to(request, following)
        items = [JobSummaryView.of(summary, names) for summary in page.items]
        return Response(JobPageView(items=items, next_cursor=following), headers=headers)

    @get("/{job_id:str}", sync_to_thread=True, operation_id="getJob", summary="Look at a job")
    def job(self, job_id: FromPath[str], get_job: GetJob, runner_names: Names) -> JobView:
        """The job as it is now."""
        record = get_job.execute(GetJobCommand(job_id=job_id_of(job_id)))
        return JobView.of(record, runner_names())

    @get("/{job_id:str}/attempts", sync_to_thread=True, operation_id="listAttempts", summary="List a job's attempts")
    def attempts(self, job_id: FromPath[str], list_attempts: ListAttempts, runner_names: Names) -> AttemptsView:
        """All tries of the job, by number."""
        records = list_attempts.execute(ListAttemptsCommand(job_id=job_id_of(job_id)))
        names = runner_names()
        return AttemptsView(items=[AttemptView.of(record, names) for record in records])


def _id_part(text: str | None) -> str | None:
    if text is None:
        return None
    part = text.lower()
    if not 1 <= len(part) <= 36 or not _ID_LETTERS.issuperset(part):
        raise wrong_parameter("id_part", "must be 1 to 36 of the letters of an id: 0-9, a-f and '-'")
    return part
