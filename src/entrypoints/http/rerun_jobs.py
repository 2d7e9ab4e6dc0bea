"""Run all finished jobs again that a filter means."""

from typing import Any, Final, Self

from litestar import Controller, Request, post
from litestar.params import RawBody
from pydantic import Field

from ...application.jobs.rerun_jobs import Rerun, RerunJobsCommand, Reruns
from .addresses import cursor_of
from .batches import BatchProblemView
from .create_jobs import IdempotencyKey, named_key
from .given import Everything
from .job_filters import read_meant
from .spec_views import View

LONGEST_KEY: Final = 218
"""The id of a job has to fit behind it."""


class RerunView(View):
    """What became of one job that was meant: it has a rerun, or a problem; of a dry run, neither or a problem."""

    id: str
    rerun: str | None = Field(description="The id of the new job.")
    replayed: bool = Field(description="Whether an earlier call under the same idempotency key made it.")
    problem: BatchProblemView | None

    @classmethod
    def of(cls, rerun: Rerun) -> Self:
        """As it was answered."""
        problem = BatchProblemView.of(rerun.refused)
        return cls(id=rerun.job_id, rerun=rerun.again, replayed=rerun.replayed, problem=problem)


class RerunsView(View):
    """The jobs that were meant, newest first. Those that cannot run again hinder no others."""

    created: int
    replayed: int
    refused: int
    items: list[RerunView]
    next_cursor: str | None = Field(description="If there are others, beyond the limit: the `cursor` to go on with.")
    dry_run: bool = Field(description="Whether nothing was done.")

    @classmethod
    def of(cls, reruns: Reruns, *, dry_run: bool) -> Self:
        """All answers, counted."""
        items = reruns.items
        return cls(
            created=sum(each.again is not None and not each.replayed for each in items),
            replayed=sum(each.replayed for each in items),
            refused=sum(each.refused is not None for each in items),
            items=[RerunView.of(each) for each in items],
            next_cursor=reruns.next_after and cursor_of(reruns.next_after),
            dry_run=dry_run,
        )


class RerunJobsController(Controller):
    """Running many jobs again."""

    path = "/jobs/rerun"
    tags = ("jobs",)

    @post(sync_to_thread=True, status_code=200, operation_id="rerunJobs", summary="Run many finished jobs again")
    def rerun_many(
        self,
        request: Request[Any, Any, Any],
        body: RawBody,
        provided: Everything,
        idempotency_key: IdempotencyKey = None,
    ) -> RerunsView:
        """Makes a new job of each, as if each had been rerun by itself, a few at a time. Those that have not finished
        are refused, and so are those whose concurrency key is busy.

        What it did before it was interrupted is done. Under the same key (218 characters at most) and with the same
        filter, another call, also one for the next page, means only jobs from before the first one, and reruns none
        of them twice.
        """
        key = None if idempotency_key is None else named_key(idempotency_key, most=LONGEST_KEY)
        asked = read_meant(request, body)
        command = RerunJobsCommand(
            which=asked.which, most=asked.limit, after=asked.after, dry_run=asked.dry_run, key=key
        )
        return RerunsView.of(provided.rerun_jobs.execute(command), dry_run=asked.dry_run)
