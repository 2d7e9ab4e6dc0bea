"""The facade of the library, over HTTP."""

import os
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, Self, Unpack
from uuid import uuid4

import httpx2

from .accounts import Accounts, Tokens
from .acting import Acting, id_of
from .address import Wanted
from .api import Api, Parameters
from .audit import Audit
from .backoff import Patience
from .batches import batches, submitted
from .errors import RunyardClientError, ServerUnreachable, WaitTimedOut, passing
from .explanations import Explanation
from .fields import Command, JobFields, JobRequest, JobsMeant
from .following import Following, StillRunning
from .jobs import Attempt, Job, JobSummary, LogChunk, Submitted, as_body, as_filter
from .projects import Projects
from .queues import Queues
from .runners import Runners
from .secrets import Secrets

_PAGE: Final = 100
_TALKATIVE: Final = 1 << 20


def connect(
    url: str | None = None,
    *,
    token: str | None = None,
    token_file: str | os.PathLike[str] | None = None,
    ca_file: str | os.PathLike[str] | None = None,
    patience: float = 60.0,
) -> "Client":
    """A client of the server at `url`, of the one the environment names, or of the one this account runs.

    `ca_file`: authorities to check its certificate against. `patience`: how many seconds a server may be away while
    a job is waited for or followed.
    """
    return Client(Api(Wanted(url=url, token=token, token_file=token_file, ca_file=ca_file)), patience=patience)


class Client(Acting):
    """Jobs on a server. Refusals and failures are `RunyardClientError`s."""

    def __init__(self, api: Api, *, patience: float = 60.0) -> None:
        self._api = api
        self.runners = Runners(api)
        self.queues = Queues(api)
        self.projects = Projects(api)
        self.secrets = Secrets(api)
        self.accounts = Accounts(api)
        self.tokens = Tokens(api)
        self.audit = Audit(api)
        self._patience = patience

    @property
    def url(self) -> str:
        """Where the server is."""
        return self._api.url

    def submit(self, command: Command, *, idempotency_key: str | None = None, **asked: Unpack[JobFields]) -> Job:
        """Accepted for good once this returns. A list is an argv without a shell, a string a script.

        When the connection breaks off, it is sent again, and is still one job. `idempotency_key` extends that to
        your own repetitions: the same again under the same key, within a day, is the same job.
        """
        key = str(uuid4()) if idempotency_key is None else idempotency_key
        return Job.of(self._repeated("jobs", as_body(command, asked), key))

    def submit_many(self, jobs: Iterable[JobRequest], *, idempotency_key: str | None = None) -> Iterator[Submitted]:
        """What becomes of each, in the order given; one that is refused hinders no other.

        Those that were answered are accepted for good. A job without a key of its own is named by
        `idempotency_key` and its place, so that repeating the whole, even in part, makes no second job.
        """
        key = str(uuid4()) if idempotency_key is None else idempotency_key
        first = 0
        for batch in batches(jobs, key):
            yield from submitted(self._repeated("jobs/batch", {"jobs": batch}, key), first)
            first += len(batch)

    def get(self, job_id: str) -> Job:
        """The job as it is now."""
        return Job.of(self._api.call("GET", f"jobs/{job_id}"))

    def list(
        self,
        *,
        state: str | Iterable[str] | None = None,
        id_part: str | None = None,
        limit: int | None = None,
        **which: Unpack[JobsMeant],
    ) -> Iterator[JobSummary]:
        """Jobs in short, newest first, fetched page by page; `id_part` is a prefix or a suffix of the id."""
        params: dict[str, str | int | tuple[str, ...]] = {}
        if state is not None:
            params["state"] = (state,) if isinstance(state, str) else tuple(state)
        if id_part is not None:
            params["id_part"] = id_part
        asked = as_filter(which)
        params |= asked | {"label": tuple(f"{key}={value}" for key, value in asked.get("label", {}).items())}
        left = limit
        while left is None or left > 0:
            page = self._api.call("GET", "jobs", params=params | {"limit": min(left or _PAGE, _PAGE)})
            yield from (JobSummary.of(view) for view in page["items"][:left])
            left = None if left is None else left - len(page["items"])
            if not page.get("next_cursor"):
                return
            params["cursor"] = page["next_cursor"]

    def wait(self, job: JobSummary | str, timeout: float | None = None) -> Job:
        """The job once it has finished; `WaitTimedOut` after so many seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        written = 0
        try:
            for said in Following(self._api, id_of(job), patience=self._patience, until=until):
                if isinstance(said, LogChunk):
                    written += len(said.data)
                    if written > _TALKATIVE:  # asking now and then costs less than output nobody wants
                        break
                elif said.finished:
                    break
        except StillRunning:
            pass
        except RunyardClientError as error:
            if error.status not in (404, 405, 406):
                raise
        return self._polled(id_of(job), until, timeout or 0)

    def logs(
        self,
        job: JobSummary | str,
        *,
        follow: bool = False,
        stream: str | None = None,
        attempt: int | None = None,
    ) -> Iterator[bytes]:
        """The bytes of the output; with `follow`, as they come, of all attempts unless one is named."""
        if follow:
            chunks = (said for said in self.follow(job, attempt=attempt) if isinstance(said, LogChunk))
            yield from (chunk.data for chunk in chunks if stream in (None, chunk.stream))
            return
        params: Parameters = {
            name: value for name, value in (("stream", stream), ("attempt", attempt)) if value is not None
        }
        with self._api.stream("GET", f"jobs/{id_of(job)}/log", params=params) as response:
            try:
                yield from response.iter_bytes()
            except httpx2.TransportError as error:
                raise ServerUnreachable(f"the output broke off: {error}", advice="Try again.") from error

    def follow(self, job: JobSummary | str, *, attempt: int | None = None) -> Iterator[LogChunk | JobSummary]:
        """Output and states as they happen; the last value is the finished job."""
        return iter(Following(self._api, id_of(job), attempt=attempt, patience=self._patience))

    def explain(self, job: JobSummary | str) -> Explanation:
        """Why it does not run, if it does not, and the smallest change that would let it."""
        return Explanation.of(self._api.call("GET", f"jobs/{id_of(job)}/explain"))

    def explain_submission(self, command: Command, **asked: Unpack[JobFields]) -> Explanation:
        """The same for a job that was not submitted; nothing is created."""
        return Explanation.of(self._api.call("POST", "jobs/explain", body=as_body(command, asked)))

    def attempts(self, job: JobSummary | str) -> tuple[Attempt, ...]:
        """All tries so far, first one first."""
        answer = self._api.call("GET", f"jobs/{id_of(job)}/attempts")
        return tuple(Attempt.of(view) for view in answer["items"])

    def server_version(self) -> str:
        """What the server says it is; needs no token."""
        return str(self._api.call("GET", f"{self.url}/version")["version"])

    def close(self) -> None:
        """Let go of all connections."""
        self._api.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _polled(self, job_id: str, until: float | None, seconds: float) -> Job:
        patience = Patience(self._patience)
        pause = 0.02
        while True:
            try:
                job = self.get(job_id)
            except RunyardClientError as error:
                if patience.over or not passing(error):
                    raise
            else:
                patience.heard()
                if job.finished:
                    return job
            left = float("inf") if until is None else until - time.monotonic()
            if left <= 0:
                raise WaitTimedOut(job_id, seconds)
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, 1.0)
