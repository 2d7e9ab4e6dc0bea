"""Changing what becomes of jobs, over HTTP."""

from collections.abc import Iterable
from typing import Final, Unpack

from .api import Api
from .fields import JobsMeant
from .jobs import Job, as_filter

_AT_ONCE: Final = 1000


class Acting:
    """The part of the client that acts on jobs."""

    _api: Api

    def cancel(self, job: Job | str) -> Job:
        """Ask for the end. No further attempt starts; what runs gets its grace period."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/cancel"))

    def cancel_many(
        self, *, state: str | Iterable[str] | None = None, dry_run: bool = False, **which: Unpack[JobsMeant]
    ) -> tuple[str, ...]:
        """Cancel all unfinished jobs for which all of this is true; their ids. Something must be said."""
        body = as_filter(which) | {"dry_run": dry_run, "limit": _AT_ONCE}
        if state is not None:
            body["state"] = [state] if isinstance(state, str) else [*state]
        ids: list[str] = []
        while True:
            answer = self._api.call("POST", "jobs/cancel", body=body)
            ids += answer["ids"]
            if not answer["next_cursor"]:
                return tuple(ids)
            body["cursor"] = answer["next_cursor"]

    def rerun(self, job: Job | str, *, idempotency_key: str | None = None) -> Job:
        """A new job with the specification of one that has finished; its `rerun_of` names that one."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key is not None else None
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/rerun", headers=headers))

    def pause(self, job: Job | str) -> Job:
        """Stop its processes where they are; its run timeout stands still."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/pause"))

    def resume(self, job: Job | str) -> Job:
        """Let the processes of a paused job go on."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/resume"))

    def force_finish(self, job: Job | str, reason: str) -> Job:
        """End it in the books, whatever its host says: for hosts that are gone. The reason is kept."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/force-finish", body={"reason": reason}))


def id_of(job: Job | str) -> str:
    """The id of the job that is meant."""
    return job if isinstance(job, str) else job.id
