"""Changing what becomes of jobs, over HTTP."""

from collections.abc import Iterable
from typing import Any, Final, Unpack
from uuid import uuid4

from .address import presentable
from .api import Api
from .backoff import Patience
from .batches import refusal_in
from .errors import RunyardClientError, ServerUnreachable, passing
from .fields import JobsMeant
from .jobs import Job, JobSummary, Rerun, as_filter

_AT_ONCE: Final = 1000


class Acting:
    """The part of the client that acts on jobs."""

    _api: Api
    _patience: float

    def cancel(self, job: JobSummary | str) -> Job:
        """Ask for the end. No further attempt starts; what runs gets its grace period."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/cancel"))

    def cancel_many(
        self, *, state: str | Iterable[str] | None = None, dry_run: bool = False, **which: Unpack[JobsMeant]
    ) -> tuple[str, ...]:
        """Cancel all unfinished jobs for which all of this is true; their ids. Something must be said."""
        body = _meant(state, which, dry_run=dry_run)
        ids: list[str] = []
        while True:
            answer = self._api.call("POST", "jobs/cancel", body=body)
            ids += answer["ids"]
            if not answer["next_cursor"]:
                return tuple(ids)
            body["cursor"] = answer["next_cursor"]

    def rerun(self, job: JobSummary | str, *, idempotency_key: str | None = None) -> Job:
        """A new job with the specification of one that has finished; its `rerun_of` names that one."""
        headers = None if idempotency_key is None else _named(idempotency_key)
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/rerun", headers=headers))

    def rerun_many(
        self,
        *,
        state: str | Iterable[str] | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
        **which: Unpack[JobsMeant],
    ) -> tuple[Rerun, ...]:
        """Run all jobs again for which all of this is true; what became of each. Something must be said.

        Those that have not finished are refused. When the connection breaks off, it is asked again, and reruns
        nothing twice; `idempotency_key` extends that to your own repetitions, within a day.
        """
        key = str(uuid4()) if idempotency_key is None else idempotency_key
        body = _meant(state, which, dry_run=dry_run)
        done: list[Rerun] = []
        while True:
            answer = self._repeated("jobs/rerun", body, key)
            done += [
                Rerun(job_id=each["id"], id=each["rerun"], replayed=each["replayed"], error=refusal_in(each))
                for each in answer["items"]
            ]
            if not answer["next_cursor"]:
                return tuple(done)
            body["cursor"] = answer["next_cursor"]

    def pause(self, job: JobSummary | str) -> Job:
        """Stop its processes where they are; its run timeout stands still."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/pause"))

    def resume(self, job: JobSummary | str) -> Job:
        """Let the processes of a paused job go on."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/resume"))

    def force_finish(self, job: JobSummary | str, reason: str) -> Job:
        """End it in the books, whatever its host says: for hosts that are gone. The reason is kept."""
        return Job.of(self._api.call("POST", f"jobs/{id_of(job)}/force-finish", body={"reason": reason}))

    def _repeated(self, path: str, body: Any, key: str) -> Any:
        """The answer to a POST that may be sent several times, as the key makes it one."""
        patience, headers = Patience(self._patience), _named(key)
        unsure: ServerUnreachable | None = None
        while True:
            try:
                return self._api.call("POST", path, body=body, headers=headers)
            except RunyardClientError as error:
                if unsure is None and isinstance(error, ServerUnreachable) and error.unsure:
                    unsure = error
                if unsure is None or not passing(error):
                    raise
                if patience.over:
                    advice = f"Submit it again under the idempotency key {key}: it will not be done twice."
                    raise ServerUnreachable(unsure.detail, advice=advice, unsure=True) from error
            patience.pause()


def _named(key: str) -> dict[str, str]:
    """The header that names a submission so."""
    if not presentable(key):
        detail, advice = "that is no idempotency key", "Take one of visible ASCII characters."
        raise RunyardClientError(detail, code="bad-parameter", advice=advice, status=400)
    return {"Idempotency-Key": key}


def id_of(job: JobSummary | str) -> str:
    """The id of the job that is meant."""
    return job if isinstance(job, str) else job.id


def _meant(state: str | Iterable[str] | None, which: JobsMeant, *, dry_run: bool) -> dict[str, Any]:
    body = as_filter(which) | {"dry_run": dry_run, "limit": _AT_ONCE}
    if state is not None:
        body["state"] = [state] if isinstance(state, str) else [*state]
    return body
