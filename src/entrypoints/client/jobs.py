"""What the server says about jobs, as values."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Self, cast

from ...domain.jobs.states import FINAL_STATES
from .errors import RunyardClientError
from .fields import Command, JobFields, JobRequest, JobsMeant

_MOMENTS: Final = frozenset(
    {"created_at", "started_at", "finished_at", "claimed_at", "ended_at", "lease_until", "log_removed_at"}
    | {"not_before"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a job last said of itself."""

    percent: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSummary:
    """A job as lists and events tell it: without its `env` and `stdin`. `raw` is what the server said, whole.

    `command_cut`: of a long command this is the beginning; `get` tells everything.
    """

    id: str
    state: str
    created_at: datetime
    command: Command = field(default=(), repr=False)
    command_cut: bool = False
    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    secret_files: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    project: str = "default"
    owner: str = ""
    queue: str = "default"
    placement: Mapping[str, Any] = field(default_factory=dict)
    priority: str | int = "medium"
    run_timeout: float | None = None
    queue_timeout: float | None = None
    total_timeout: float | None = None
    grace_period: float | None = None
    retry: Mapping[str, Any] = field(default_factory=dict)
    on_lost: str = "retry"
    crash_limit: int = 3
    lost_after: float | None = None
    replace: str = "after_lease"
    not_before: datetime | None = None
    log_limit: Mapping[str, Any] = field(default_factory=dict)
    rerun_of: str | None = None
    access: str = "none"
    parent: str | None = None
    concurrency: Mapping[str, Any] | None = None
    in_line: Mapping[str, Any] | None = None
    reason: str | None = None
    message: str | None = None
    cancel_requested: bool = False
    end_confirmed: bool | None = None
    attempt: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    progress: Progress | None = None
    result: Any = None
    runner: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The job in a view; fields this version does not know stay in `raw`."""
        known = _known(cls, view)
        if known.get("progress") is not None:
            known["progress"] = Progress(**_known(Progress, known["progress"]))
        return cls(**known, raw=view)

    @property
    def finished(self) -> bool:
        """Whether nothing can change it any more."""
        return self.state in FINAL_STATES

    @property
    def succeeded(self) -> bool:
        """Whether it finished with exit code 0."""
        return self.state == "succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(JobSummary):
    """A job as the server last described it, whole.

    `replayed`: it answers a submission that had been accepted before under the same idempotency key.
    """

    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    stdin: str | None = field(default=None, repr=False)
    replayed: bool = False
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of a job, as the server last described it."""

    number: int
    state: str | None = None
    runner: str | None = None
    claimed_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ending: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    message: str | None = None
    end_confirmed: bool | None = None
    containment: str | None = None
    lease: int | None = None
    lease_until: datetime | None = None
    log_size: int | None = None
    log_complete: bool | None = None
    log_removed_at: datetime | None = None
    masked: int | None = None
    cpu_seconds: float | None = None
    max_rss_bytes: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The attempt in a view; fields this version does not know stay in `raw`."""
        return cls(**_known(cls, view), raw=view)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChunk:
    """Some output: bytes as the job wrote them. `stream` is `stdout`, `stderr` or `system`."""

    attempt: int
    stream: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What became of one of many submissions: an id, or an error that says why there is none.

    `replayed`: the job is an earlier one, submitted under the same idempotency key.
    """

    index: int
    id: str | None = None
    replayed: bool = False
    error: RunyardClientError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """What became of one of many reruns: of the job `job_id` came the job `id`, or an error says why none did.

    `replayed`: an earlier call under the same idempotency key made it. Of a dry run, `id` is None.
    """

    job_id: str
    id: str | None = None
    replayed: bool = False
    error: RunyardClientError | None = None


def as_body(command: Command, asked: JobFields) -> dict[str, Any]:
    """The request that submits a job."""
    return as_item(cast("JobRequest", {**asked, "command": command}))


def as_item(asked: JobRequest) -> dict[str, Any]:
    """The request that submits a job, as one of many; what says no project is of the one that the environment names."""
    home = os.environ.get("RUNYARD_PROJECT")
    body: dict[str, Any] = {**({"project": home} if home else {}), **asked}
    if not isinstance(body["command"], str):
        body["command"] = [*body["command"]]
    if isinstance(body.get("not_before"), datetime):
        body["not_before"] = body["not_before"].isoformat()
    return body


def as_filter(which: JobsMeant) -> dict[str, Any]:
    """The fields of a request that say which jobs are meant."""
    fields: dict[str, Any] = {name: value for name, value in which.items() if value is not None and name != "labels"}
    for name in ("created_after", "created_before"):
        if isinstance(fields.get(name), datetime):
            fields[name] = fields[name].isoformat()
    return {**fields, **({"label": dict(which["labels"])} if which.get("labels") else {})}


def _known(cls: type, view: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(cls)} - {"raw"}
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and value is not None else value
        for name, value in view.items()
        if name in names
    }
