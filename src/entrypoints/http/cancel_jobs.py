"""Cancel all jobs that a filter means."""

from typing import Any

from litestar import Controller, Request, post
from litestar.params import RawBody
from pydantic import Field

from ...application.jobs.cancel_jobs import CancelJobsCommand, Meant
from .addresses import cursor_of
from .given import Everything
from .job_filters import read_meant
from .spec_views import View


class MeantView(View):
    """The jobs that were meant, newest first."""

    count: int
    ids: list[str]
    next_cursor: str | None = Field(description="If there are others, beyond the limit: the `cursor` to go on with.")
    dry_run: bool = Field(description="Whether nothing was done.")

    @classmethod
    def of(cls, meant: Meant, *, dry_run: bool) -> "MeantView":
        """As they were found."""
        return cls(
            count=len(meant.ids),
            ids=list(meant.ids),
            next_cursor=meant.next_after and cursor_of(meant.next_after),
            dry_run=dry_run,
        )


class CancelJobsController(Controller):
    """Ending many jobs on request."""

    path = "/jobs/cancel"
    tags = ("jobs",)

    @post(sync_to_thread=True, status_code=200, operation_id="cancelJobs", summary="Cancel many jobs")
    def cancel_many(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> MeantView:
        """Cancels those that have not finished, as if each had been cancelled by itself, a few at a time.

        What it did before it was interrupted is done; asking again does the rest.
        """
        asked = read_meant(request, body)
        command = CancelJobsCommand(which=asked.which, most=asked.limit, after=asked.after, dry_run=asked.dry_run)
        return MeantView.of(provided.cancel_jobs.execute(command), dry_run=asked.dry_run)
