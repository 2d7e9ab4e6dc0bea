"""What can be asked of jobs, as types."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

Command = str | Sequence[str]
"""A script for the shell, or an argv that runs without one."""


class BackoffFields(TypedDict, total=False):
    """The wait between tries, in seconds."""

    initial: float
    factor: float
    max: float
    jitter: float


class RetryFields(TypedDict, total=False):
    """How often to try, after which causes."""

    max_attempts: int
    on: Sequence[str]
    backoff: BackoffFields


class LogLimitFields(TypedDict, total=False):
    """How much output is kept, and what happens beyond."""

    bytes: int
    policy: Literal["stop", "kill"]


class PlacementFields(TypedDict, total=False):
    """Where a job may run: on the runner of this name, and on those that have all these labels."""

    runner: str | None
    labels: Mapping[str, str]


class _Key(TypedDict):
    key: str


class ConcurrencyFields(_Key, total=False):
    """At most `limit` jobs of the key are under way at once."""

    limit: int
    on_conflict: Literal["queue", "reject", "replace_running"]
    max_waiting: int


class JobFields(TypedDict, total=False):
    """What can be asked of a job besides its command. Times are in seconds."""

    name: str | None
    labels: Mapping[str, str]
    env: Mapping[str, str]
    secrets: Mapping[str, str]
    secret_files: Mapping[str, str]
    cwd: str | None
    stdin: str | None
    project: str
    owner: str
    queue: str
    placement: PlacementFields
    priority: Literal["low", "medium", "high"] | int
    run_timeout: float | None
    queue_timeout: float | None
    total_timeout: float | None
    grace_period: float
    retry: RetryFields
    on_lost: Literal["retry", "fail"]
    crash_limit: int
    lost_after: float | None
    replace: Literal["after_lease", "after_confirmed_end"]
    not_before: datetime | str | None
    log_limit: LogLimitFields
    concurrency: ConcurrencyFields | None
    access: Literal["none", "own", "submit"]


class WayFields(TypedDict, total=False):
    """What may be different about the way to a runner of kind `ssh`."""

    host: str
    port: int
    user: str
    key: Mapping[str, Any]
    host_keys: Sequence[str]


class RunnerFields(WayFields, total=False):
    """What can be different about a runner; None leaves it as it is."""

    slots: int | None
    queues: Sequence[str] | None
    labels: Mapping[str, str] | None
    shared_with: Sequence[str] | None
    owners: Sequence[str] | None


class SshFields(TypedDict, total=False):
    """What may be said beside name, host, user and host keys of a new runner of kind `ssh`.

    `key` is `{"file": "/path"}`, of a private key on each machine that drives the runner, or `{"agent": True}`, or
    `{"private": "-----BEGIN …"}`, which the server keeps sealed; `{"password": "…"}` likewise, where that is allowed.
    """

    port: int
    key: Mapping[str, Any]
    slots: int
    queues: Sequence[str]
    labels: Mapping[str, str]
    work_root: str
    project: str
    check: bool


class AgentFields(TypedDict, total=False):
    """What may be said beside the name of a new runner of kind `agent`. `expires_in`: seconds, of its first token."""

    slots: int
    queues: Sequence[str]
    labels: Mapping[str, str]
    owners: Sequence[str]
    project: str
    expires_in: float


class JobsMeant(TypedDict, total=False):
    """Which jobs are meant: those for which all of it is true. A moment is RFC 3339, or has a zone."""

    project: str
    owner: str
    queue: str
    name: str
    labels: Mapping[str, str]
    created_after: datetime | str
    created_before: datetime | str


class JobRequest(JobFields, total=False):
    """One job of many that are submitted together."""

    command: Required[Command]
    idempotency_key: str | None
