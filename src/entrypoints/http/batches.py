"""Many jobs in one submission: each is read, and answered, by itself."""

from collections.abc import Sequence
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json

from ...application.jobs.create_jobs import Created, CreateJobsCommand
from ...application.ports.calling import UseCase
from ...domain.errors import FieldProblem, RunyardError
from ...domain.jobs.errors import InvalidJob
from ...domain.jobs.lanes import NOBODY
from ...domain.jobs.submission import Submission, SubmissionKey
from .bodies import JobBody, UnreadableBody, fingerprint, read_job
from .json_names import refuse_doubled_names
from .problems import ProblemError, ProblemLimit, of_core
from .spec_views import View

MOST_JOBS: Final = 10_000
"""In one submission; also what one transaction stores without holding up others for long."""

Item = Submission | RunyardError


class BatchItemBody(JobBody):
    """A job of a batch."""

    idempotency_key: str | None = Field(default=None, description="Your name for the submission of this one job.")


class BatchBody(BaseModel):
    """Jobs to run."""

    model_config = ConfigDict(extra="forbid")

    jobs: list[BatchItemBody] = Field(max_length=MOST_JOBS)


class BatchProblemView(View):
    """Why a job of a batch was refused: `pointer`s lead into that job."""

    type: str
    detail: str
    errors: list[ProblemError] | None
    limit: ProblemLimit | None = Field(description="Which limit left no room, if one did.")

    @classmethod
    def of(cls, refusal: RunyardError | None) -> Self | None:
        """The refusal as it would be answered alone."""
        if refusal is None:
            return None
        told = of_core(refusal)
        return cls(type=told.type, detail=str(told), errors=told.errors or None, limit=told.limit)


class BatchItemView(View):
    """What became of one job of a batch: it has an id, or a problem."""

    index: int = Field(description="Its place in the batch, from 0.")
    id: str | None
    replayed: bool
    warnings: list[str]
    problem: BatchProblemView | None

    @classmethod
    def of(cls, index: int, created: Created) -> Self:
        """The answer to the submission at this place."""
        job_id = created.record.job.id if created.record else None
        problem = BatchProblemView.of(created.refused)
        return cls(index=index, id=job_id, replayed=created.replayed, warnings=list(created.warnings), problem=problem)


class BatchView(View):
    """What became of a batch. Jobs that were refused hinder no others."""

    created: int
    replayed: int
    refused: int
    items: list[BatchItemView] = Field(description="One for each job, in the order given.")

    @classmethod
    def of(cls, answers: Sequence[Created]) -> Self:
        """All answers, counted."""
        replayed, refused = sum(each.replayed for each in answers), sum(each.refused is not None for each in answers)
        items = [BatchItemView.of(index, each) for index, each in enumerate(answers)]
        return cls(created=len(answers) - replayed - refused, replayed=replayed, refused=refused, items=items)


def read_batch(raw: bytes, key: str | None, owner: str = NOBODY) -> list[Item]:
    """The jobs in this JSON, each or what is wrong with it; `UnreadableBody` or `InvalidJob` if it is no batch.

    `key` names those that have no key of their own: `key/0`, `key/1`, …; `owner` is whose they are, unless they say.
    """
    try:
        submitted = from_json(raw, allow_inf_nan=False)
        refuse_doubled_names(raw)
    except ValueError as error:
        raise UnreadableBody(str(error)) from None
    if not isinstance(submitted, dict) or submitted.keys() != {"jobs"} or not isinstance(submitted["jobs"], list):
        raise InvalidJob(
            [FieldProblem("/jobs", 'must be the one field, a list of jobs: {"jobs": [{"command": …}, …]}')]
        )
    jobs = submitted["jobs"]
    if len(jobs) > MOST_JOBS:
        raise InvalidJob([FieldProblem("/jobs", f"holds {len(jobs)} jobs; at most {MOST_JOBS} fit in one submission")])
    return [_item(job, None if key is None else f"{key}/{index}", owner) for index, job in enumerate(jobs)]


def create_items(items: Sequence[Item], create: UseCase[CreateJobsCommand, list[Created]]) -> list[Created]:
    """What became of each, in the order given."""
    command = CreateJobsCommand(submissions=[item for item in items if isinstance(item, Submission)])
    created = iter(create.execute(command))
    return [next(created) if isinstance(item, Submission) else Created(refused=item) for item in items]


def _item(job: Any, key: str | None, owner: str) -> Item:
    try:
        if isinstance(job, dict) and "idempotency_key" in job:
            key = _own_key(job) or key
            job = {name: value for name, value in job.items() if name != "idempotency_key"}
        raw = to_json(job)
        return Submission(spec=read_job(raw, owner), key=None if key is None else SubmissionKey(key, fingerprint(raw)))
    except RunyardError as refusal:
        return refusal


def _own_key(job: dict[str, Any]) -> str | None:
    key = job["idempotency_key"]
    if key is not None and not isinstance(key, str):
        raise InvalidJob([FieldProblem("/idempotency_key", "must be a string")])
    return key
