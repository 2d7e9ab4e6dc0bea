"""A submitted job, read strictly: every problem is named, no value is ever repeated."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError, from_json, to_json

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.errors import FieldProblem
from ...domain.jobs.access import JobAccess
from ...domain.jobs.concurrency import MAX_KEY_BYTES, MAX_LIMIT, MAX_WAITING, Concurrency, OnConflict
from ...domain.jobs.errors import InvalidJob
from ...domain.jobs.lanes import NOBODY, Placement
from ...domain.jobs.limits import (
    DEFAULT_GRACE,
    PRIORITIES,
    Backoff,
    LogLimit,
    LogPolicy,
    OnLost,
    Replacement,
    RetryCause,
    RetryPolicy,
)
from ...domain.jobs.spec import JobSpec
from .json_names import DoubledName, refuse_doubled_names

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_TAGS: Final = frozenset({"argv", "script"})


class UnreadableBody(ValueError):
    """The body is not JSON."""


def _named_priority(value: Any) -> Any:
    if isinstance(value, str) and value in PRIORITIES:
        return PRIORITIES[value]
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("priority", "must be low, medium, high or an integer")
    return value


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper())
        except ValueError:
            pass
    raise PydanticCustomError("moment", "must be an RFC 3339 time with zone, for instance 2030-01-31T12:00:00Z")


def _kind_of_command(value: Any) -> str:
    return "script" if isinstance(value, str) else "argv"


Priority = Annotated[
    int,
    BeforeValidator(_named_priority),
    WithJsonSchema({"anyOf": [{"enum": [*PRIORITIES]}, {"type": "integer", "minimum": -1000, "maximum": 1000}]}),
]
Moment = Annotated[datetime, BeforeValidator(_moment)]
CommandBody = Annotated[
    Annotated[list[str], Tag("argv")] | Annotated[str, Tag("script")], Discriminator(_kind_of_command)
]
_FIRST, _LIMIT, _RETRY = Backoff(), LogLimit(), RetryPolicy()
_MAX_WAITING: Final = Concurrency(key="any").max_waiting


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


class BackoffBody(_Body):
    """The wait before try n + 1: `initial * factor ** (n - 1)` seconds, at most `max`."""

    initial: float = Field(default=_FIRST.initial, description="Seconds before the second try.")
    factor: float = Field(default=_FIRST.factor, description="How much longer each wait is than the last.")
    max: float = Field(default=_FIRST.max, description="No wait is longer than so many seconds.")
    jitter: float = Field(
        default=_FIRST.jitter, description="Each wait is shortened by a share of its own, up to this."
    )


class RetryBody(_Body):
    """How often and after what a failed job is tried again."""

    max_attempts: int = Field(default=_RETRY.max_attempts, description="Tries in all; 1 means never again.")
    on: frozenset[RetryCause] = Field(default=_RETRY.on, description="After what to try again.")
    backoff: BackoffBody = BackoffBody()


class LogLimitBody(_Body):
    """How many bytes of output an attempt may keep, and what happens beyond."""

    bytes: int = Field(default=_LIMIT.bytes, description="Bytes of output kept per attempt.")
    policy: LogPolicy = Field(default=_LIMIT.policy, description="`stop` keeping output, or `kill` the job.")


class PlacementBody(_Body):
    """Where a job may run: on the runner of this name, and on those that have all these labels."""

    runner: str | None = Field(default=None, description="The name of a runner.")
    labels: dict[str, str] = Field(default={}, description="Labels the runner must have.")


class ConcurrencyBody(_Body):
    """At most `limit` jobs of a key are under way at once."""

    key: str = Field(description=f"What must not be done twice at once: any text of 1 to {MAX_KEY_BYTES} bytes.")
    limit: int = Field(
        default=1, description=f"From 1 to {MAX_LIMIT}. It is the key's: the last submission that names it sets it."
    )
    on_conflict: OnConflict = Field(
        default=OnConflict.QUEUE,
        description="While all seats are held: wait in line, be refused, or cancel the oldest holder and wait first.",
    )
    max_waiting: int = Field(
        default=_MAX_WAITING, description=f"So many jobs may wait for the key: 0 to {MAX_WAITING}."
    )


class JobBody(_Body):
    """A job to run. Everything but the command has a default; times are in seconds."""

    command: CommandBody = Field(
        repr=False, description="A list is a program and its arguments, run without a shell; a string is a script."
    )
    name: str | None = Field(default=None, description="For people.")
    labels: dict[str, str] = Field(default={}, description="For finding it again.")
    env: dict[str, str] = Field(default={}, repr=False, description="Variables added to the runner's environment.")
    secrets: dict[str, str] = Field(default={}, description="Variables and the secrets whose values they get.")
    secret_files: dict[str, str] = Field(
        default={}, description="Variables and secrets: each gets the path of a file that holds the value."
    )
    cwd: str | None = Field(default=None, description="The folder to run in: an absolute path.")
    stdin: str | None = Field(default=None, repr=False, description="What the process reads as its standard input.")
    project: str = Field(default=DEFAULT_PROJECT, description="The project it belongs to.")
    owner: str | None = Field(default=None, description="Whose it is; yours, unless you may submit for others.")
    queue: str = Field(default="default", description="Where it waits.")
    placement: PlacementBody = PlacementBody()
    priority: Priority = Field(default=0, description="Each point is worth a minute of waiting.")
    run_timeout: float | None = Field(default=None, description="How long an attempt may run.")
    queue_timeout: float | None = Field(default=None, description="How long it may wait for its first attempt.")
    total_timeout: float | None = Field(default=None, description="How long it may take in all.")
    grace_period: float = Field(default=DEFAULT_GRACE, description="Between TERM and KILL.")
    retry: RetryBody = RetryBody()
    on_lost: OnLost = Field(default=OnLost.RETRY, description="What happens when its runner is lost while it may run.")
    crash_limit: int = Field(default=_RETRY.crash_limit, description="So many lost attempts end it, whatever else.")
    lost_after: float | None = Field(
        default=None,
        description="The lease of each attempt: so long its host goes on alone, then ends it, and it is lost. "
        "Raised to what is safe; see `lease` of the attempt. Else what is usual for the runner.",
    )
    replace: Replacement = Field(
        default=Replacement.AFTER_LEASE,
        description="When another attempt may start while the host is away: after the lease, or once the end was seen.",
    )
    not_before: Moment | None = Field(default=None, description="The earliest start: RFC 3339 with zone.")
    log_limit: LogLimitBody = LogLimitBody()
    concurrency: ConcurrencyBody | None = Field(default=None, description="How many such jobs may run at once.")
    access: JobAccess = Field(
        default=JobAccess.NONE,
        description="What its processes may do here, with a token of their own: nothing, look at their own job, or "
        "submit others as well.",
    )

    def spec(self, owner: str = NOBODY) -> JobSpec:
        """The job as the core knows it, or `InvalidJob`; unless it says whose it is, it is this `owner`'s."""
        retry, backoff = self.retry, self.retry.backoff
        fields = {name: getattr(self, name) for name in _ALIKE}
        return JobSpec(
            command=self.command if isinstance(self.command, str) else tuple(self.command),
            retry=RetryPolicy(
                max_attempts=retry.max_attempts,
                on=retry.on,
                backoff=Backoff(initial=backoff.initial, factor=backoff.factor, max=backoff.max, jitter=backoff.jitter),
                crash_limit=self.crash_limit,
            ),
            placement=Placement(runner=self.placement.runner, labels=self.placement.labels),
            log_limit=LogLimit(bytes=self.log_limit.bytes, policy=self.log_limit.policy),
            concurrency=Concurrency(**dict(self.concurrency)) if self.concurrency else None,
            owner=owner if self.owner is None else self.owner,
            **fields,
        )


_MADE: Final = frozenset({"command", "owner", "placement", "retry", "crash_limit", "log_limit", "concurrency"})
_ALIKE: Final = tuple(name for name in JobBody.model_fields if name not in _MADE)
_PARTS: Final[dict[tuple[str, ...], type[_Body]]] = {
    (): JobBody,
    ("retry",): RetryBody,
    ("retry", "backoff"): BackoffBody,
    ("log_limit",): LogLimitBody,
    ("placement",): PlacementBody,
    ("concurrency",): ConcurrencyBody,
}


def read_job(raw: bytes, owner: str = NOBODY) -> JobSpec:
    """The job in this JSON, this owner's unless it says whose; or `UnreadableBody`, or `InvalidJob`."""
    try:
        body = JobBody.model_validate_json(raw)
        refuse_doubled_names(raw)
        return body.spec(owner)
    except DoubledName as error:
        raise UnreadableBody(str(error)) from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    if any(detail["type"] == "json_invalid" for detail in details):
        raise UnreadableBody(details[0]["msg"])
    problems = [_problem(detail) for detail in details]
    faulty = {str(detail["loc"][0]) for detail in details if detail["loc"]}
    raise InvalidJob([*problems, *_further(raw, faulty)])


def fingerprint(raw: bytes) -> str:
    """The same for the same JSON, however it is written."""
    return sha256(json.dumps(from_json(raw), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _further(raw: bytes, faulty: set[str]) -> Iterator[FieldProblem]:
    """What the core has to say of the fields that were readable."""
    submitted = from_json(raw)
    if not isinstance(submitted, dict):
        return
    readable = {name: value for name, value in submitted.items() if name not in faulty}
    try:
        JobBody.model_validate_json(to_json({"command": "true", **readable})).spec()
    except InvalidJob as invalid:
        yield from invalid.problems


def _problem(detail: ErrorDetails) -> FieldProblem:
    path = tuple(str(step) for step in detail["loc"] if step not in _TAGS or detail["loc"][0] != "command")
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
    if detail["type"] == "extra_forbidden":
        known = _PARTS[path[:-1]].model_fields
        return FieldProblem(pointer, f"unknown field; known are {', '.join(known)}")
    if detail["type"] == "missing":
        return FieldProblem(pointer, "is required")
    if pointer == "/command":
        return FieldProblem(pointer, "must be a list of strings (a program and its arguments) or a string (a script)")
    return FieldProblem(pointer, detail["msg"].replace("Input should be", "must be"))
