"""Submit jobs."""

from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Final

from litestar import Controller, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, HeaderParameter, RawBody

from ...application.jobs.create_jobs import Created, CreateJobsCommand
from ...application.jobs.rerun_job import RerunJobCommand
from ...domain.accounts.errors import Forbidden
from ...domain.jobs.spec import JobSpec
from ...domain.jobs.submission import Submission, SubmissionKey, fits_key
from .addresses import job_id_of
from .batches import BatchView, create_items, read_batch
from .bodies import UnreadableBody, fingerprint, read_job
from .given import Everything, Threads
from .prefer_wait import finished_within, preferred_wait
from .problems import Refused, wrong_parameter
from .provided import Provided
from .request_body import media_type
from .views import SubmittedView

MOST_JOB_BYTES: Final = 2 << 20
MOST_BATCH_BYTES: Final = 16 << 20

Prefer = Annotated[
    str | None,
    HeaderParameter(name="Prefer", description="`wait=N`: answer once the job has finished, or after N seconds."),
]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="Your name for this submission: repeated within a day under the same name, it makes no second job. "
        "Names are those of a project; each job whose processes submit has names of its own.",
    ),
]


class CreateJobsController(Controller):
    """Submitting jobs."""

    path = "/jobs"
    tags = ("jobs",)

    @post(request_max_body_size=MOST_JOB_BYTES, operation_id="createJob", summary="Submit a job")
    async def create_job(
        self,
        request: Request[Any, Any, Any],
        body: RawBody,
        provided: Everything,
        threads: Threads,
        prefer: Prefer = None,  # noqa: ARG002 - documented here, understood by `preferred_wait`
        idempotency_key: IdempotencyKey = None,
    ) -> Response[SubmittedView]:
        """Accept a job. When this answers 201, it is never lost; 200 answers a repeated submission."""
        created = await sync_to_thread(_one_created, request, body, idempotency_key, provided)
        record = created.accepted
        headers = {"Location": f"{request.scope['path'].rstrip('/')}/{record.job.id}"}
        seconds = preferred_wait(request)
        if seconds:
            with suppress(Forbidden):  # who may submit and not see is told at once that the job was accepted
                record = await finished_within(seconds, provided, threads, record.job.id)
                headers["Preference-Applied"] = f"wait={seconds}"
        names = await sync_to_thread(provided.runner_names) if record.job.attempt else {}
        view = SubmittedView.of(record, names, replayed=created.replayed, warnings=created.warnings)
        return Response(view, headers=headers, status_code=200 if created.replayed else 201)

    @post(
        "/batch",
        status_code=200,
        request_max_body_size=MOST_BATCH_BYTES,
        operation_id="createJobs",
        summary="Submit many jobs",
    )
    async def create_batch(
        self,
        request: Request[Any, Any, Any],
        body: RawBody,
        provided: Everything,
        threads: Threads,
        idempotency_key: IdempotencyKey = None,
    ) -> BatchView:
        """Accept up to 10,000 jobs at once. Each is created, replayed or refused by itself.

        Those created are never lost. The key names each job that has none of its own by its place: `KEY/0`, …
        """
        _expect_json(request)
        key = None if idempotency_key is None else named_key(idempotency_key, most=249)
        return await threads.run_large(partial(_created, body, key, provided))

    @post("/{job_id:str}/rerun", sync_to_thread=True, operation_id="rerunJob", summary="Run a finished job again")
    def rerun(
        self, job_id: FromPath[str], provided: Everything, idempotency_key: IdempotencyKey = None
    ) -> Response[SubmittedView]:
        """A new job with the same specification; `rerun_of` names the old one, which stays as it is."""
        key = None if idempotency_key is None else named_key(idempotency_key)
        created = provided.rerun_job.execute(RerunJobCommand(job_id=job_id_of(job_id), key=key))
        record = created.accepted
        view = SubmittedView.of(record, provided.runner_names(), replayed=created.replayed)
        headers = {"Location": f"/api/v1/jobs/{record.job.id}"}
        return Response(view, headers=headers, status_code=200 if created.replayed else 201)


def _one_created(request: Request[Any, Any, Any], body: bytes, key: str | None, provided: Provided) -> Created:
    command = CreateJobsCommand(submissions=[_submitted(request, body, key, provided.caller.name)])
    (created,) = provided.create_jobs.execute(command)
    return created


def _created(body: bytes, key: str | None, provided: Provided) -> BatchView:
    try:
        return BatchView.of(create_items(read_batch(body, key, provided.caller.name), provided.create_jobs))
    except UnreadableBody as error:
        raise Refused(400, "unreadable-body", str(error)) from None


def submitted_spec(request: Request[Any, Any, Any], body: bytes, owner: str) -> JobSpec:
    """The job in this body, this owner's unless it says whose, or a refusal with all that is wrong with it."""
    _expect_json(request)
    try:
        return read_job(body, owner)
    except UnreadableBody as error:
        raise Refused(400, "unreadable-body", str(error)) from None


def _submitted(request: Request[Any, Any, Any], body: bytes, key: str | None, owner: str) -> Submission:
    name = None if key is None else named_key(key)
    spec = submitted_spec(request, body, owner)
    return Submission(spec=spec, key=None if name is None else SubmissionKey(name, fingerprint(body)))


def _expect_json(request: Request[Any, Any, Any]) -> None:
    if media_type(request) != "application/json":
        raise Refused(415, "not-json", "send the job as `Content-Type: application/json`")


def named_key(header: str, most: int = 255) -> str:
    """The key a header holds, bare or as a quoted string."""
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not fits_key(key) or len(key) > most:
        raise wrong_parameter("Idempotency-Key", f"must be 1 to {most} visible ASCII characters")
    return key
