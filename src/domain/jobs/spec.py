"""What a consumer asked for. Checked once, when it is made; never changed after."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ..accounts.projects import DEFAULT_PROJECT, PROJECT_NAME, PROJECT_RULE
from ..errors import FieldProblem, pointer_to
from ..labels import encodable, label_problems, text_problems
from ..secrets.secret import is_secret_name
from .access import JobAccess, access_problems
from .concurrency import MAX_KEY_BYTES, Concurrency
from .errors import InvalidJob
from .ids import JobId
from .lanes import ANYWHERE, NOBODY, Lane, Placement, placement_problems
from .limits import DEFAULT_GRACE, LogLimit, OnLost, Replacement, RetryCause, RetryPolicy

MAX_TEXT_BYTES: Final = 1 << 20
MAX_ARGUMENT_BYTES: Final = 128 * 1024 - 1  # Linux: MAX_ARG_STRLEN, the final NUL included
MAX_SECONDS: Final = 366 * 86400.0
MOST_SECRETS: Final = 64
_QUEUE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_ENV_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Command = tuple[str, ...] | str
"""An argv, run without a shell; or the text of a script, run by the shell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """The job as submitted. Times are in seconds; wrong values raise `InvalidJob`, naming all of them.

    `rerun_of`: nobody wrote it anew, it repeats this job. `lost_after`: the lease of each attempt. `access`: what its
    processes may do here. `parent`: the job whose process submitted it.

    `env` and `stdin` may hold secrets, so they stay out of the repr, and so does the command. `secrets` and
    `secret_files` hold none: they are names of secrets by variable, which is to hold the value, or the path of a file
    that does.
    """

    command: Command = field(repr=False)
    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict)
    secret_files: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    stdin: str | None = field(default=None, repr=False)
    project: str = DEFAULT_PROJECT
    owner: str = NOBODY
    queue: str = "default"
    placement: Placement = ANYWHERE
    priority: int = 0
    run_timeout: float | None = None
    queue_timeout: float | None = None
    total_timeout: float | None = None
    grace_period: float = DEFAULT_GRACE
    retry: RetryPolicy = RetryPolicy()
    on_lost: OnLost = OnLost.RETRY
    lost_after: float | None = None
    replace: Replacement = Replacement.AFTER_LEASE
    not_before: datetime | None = None
    log_limit: LogLimit = LogLimit()
    rerun_of: JobId | None = None
    access: JobAccess = JobAccess.NONE
    parent: JobId | None = None
    concurrency: Concurrency | None = None

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise InvalidJob(problems)

    @property
    def secret_names(self) -> frozenset[str]:
        """The secrets it needs."""
        return frozenset((*self.secrets.values(), *self.secret_files.values()))

    @property
    def lane(self) -> Lane:
        """Where the job waits while it is queued."""
        return Lane(project=self.project, owner=self.owner, queue=self.queue, placement=self.placement)


def _problems(spec: JobSpec) -> Iterator[FieldProblem]:
    yield from _command_problems(spec.command)
    if spec.name is not None:
        yield from text_problems("/name", spec.name, most=200)
    yield from label_problems(spec.labels)
    yield from _env_problems(spec.env)
    yield from _secret_problems(spec)
    yield from access_problems(spec.access, spec.env)
    if spec.cwd is not None:
        yield from text_problems("/cwd", spec.cwd, most=4095)
        if not spec.cwd.startswith("/"):
            yield FieldProblem("/cwd", "must be an absolute path")
    if spec.stdin is not None and not encodable(spec.stdin):
        yield FieldProblem("/stdin", "is not valid Unicode text")
    if not _QUEUE.fullmatch(spec.queue):
        yield FieldProblem("/queue", "must be 1 to 63 letters, digits, '.', '_' or '-', a letter or digit first")
    yield from _whose_problems(spec)
    yield from placement_problems(spec.placement)
    if not -1000 <= spec.priority <= 1000:
        yield FieldProblem("/priority", "must be low, medium, high or an integer from -1000 to 1000")
    yield from _time_problems(spec)
    yield from _retry_problems(spec)
    if not 0 <= spec.log_limit.bytes <= 1 << 40:
        yield FieldProblem("/log_limit/bytes", "must be from 0 to 1099511627776")
    yield from _concurrency_problems(spec.concurrency)
    total = sum(len(text.encode(errors="replace")) for text in _texts(spec))
    if total > MAX_TEXT_BYTES:
        yield FieldProblem("/command", f"with env and stdin it is {total} bytes; at most {MAX_TEXT_BYTES} fit")


def _whose_problems(spec: JobSpec) -> Iterator[FieldProblem]:
    if not PROJECT_NAME.fullmatch(spec.project):
        yield FieldProblem("/project", PROJECT_RULE)
    yield from text_problems("/owner", spec.owner, most=100)
    if not spec.owner.strip():
        yield FieldProblem("/owner", "is empty")


def _texts(spec: JobSpec) -> Iterator[str]:
    yield from (spec.command,) if isinstance(spec.command, str) else spec.command
    yield from spec.env
    yield from spec.env.values()
    yield spec.stdin or ""


def _command_problems(command: Command) -> Iterator[FieldProblem]:
    if isinstance(command, str):
        if not command.strip():
            yield FieldProblem("/command", "the script is empty")
        elif "\0" in command or not encodable(command):
            yield FieldProblem("/command", "must be valid Unicode text without NUL")
        return
    if not command or not command[0]:
        yield FieldProblem("/command", "needs at least the name of a program")
    for position, argument in enumerate(command):
        yield from text_problems(f"/command/{position}", argument, most=MAX_ARGUMENT_BYTES)


def _concurrency_problems(concurrency: Concurrency | None) -> Iterator[FieldProblem]:
    if concurrency is not None:
        yield from text_problems("/concurrency/key", concurrency.key, most=MAX_KEY_BYTES)
        yield from concurrency.problems()


def _env_problems(env: Mapping[str, str]) -> Iterator[FieldProblem]:
    for key, value in env.items():
        pointer = pointer_to("/env", key)
        if not _ENV_NAME.fullmatch(key):
            yield FieldProblem(pointer, "a variable's name is letters, digits and '_', not beginning with a digit")
        yield from text_problems(pointer, f"{key}={value}", most=MAX_ARGUMENT_BYTES)


def _secret_problems(spec: JobSpec) -> Iterator[FieldProblem]:
    taken = set(spec.env)
    for name in ("secrets", "secret_files"):
        for variable, secret in getattr(spec, name).items():
            pointer = pointer_to(f"/{name}", variable)
            if not _ENV_NAME.fullmatch(variable):
                yield FieldProblem(pointer, "a variable's name is letters, digits and '_', not beginning with a digit")
            if variable in taken:
                yield FieldProblem(pointer, "is given in two ways; leave one of env, secrets and secret_files out")
            if variable.startswith("RUNYARD_"):
                yield FieldProblem(pointer, "begins with RUNYARD_, as the variables do that jobs are given anyway")
            if not is_secret_name(secret):
                yield FieldProblem(pointer, "no secret can be called so; `runyard secret list` shows those there are")
            taken.add(variable)
    if len(spec.secrets) + len(spec.secret_files) > MOST_SECRETS:
        yield FieldProblem("/secrets", f"with secret_files at most {MOST_SECRETS} secrets")


def _time_problems(spec: JobSpec) -> Iterator[FieldProblem]:
    for name in ("run_timeout", "queue_timeout", "total_timeout", "lost_after"):
        seconds = getattr(spec, name)
        if seconds is not None and not 0 < seconds <= MAX_SECONDS:
            yield FieldProblem(f"/{name}", f"must be more than 0 and at most {MAX_SECONDS:.0f} seconds")
    if not 0 <= spec.grace_period <= 3600:
        yield FieldProblem("/grace_period", "must be from 0 to 3600 seconds")
    if spec.not_before is not None and spec.not_before.tzinfo is None:
        yield FieldProblem("/not_before", "needs a time zone, for instance 2030-01-31T12:00:00Z")
    elif spec.not_before is not None and not 1 < spec.not_before.year < 9999:
        yield FieldProblem("/not_before", "must be between the years 2 and 9998")


def _retry_problems(spec: JobSpec) -> Iterator[FieldProblem]:
    retry, backoff = spec.retry, spec.retry.backoff
    if not 1 <= retry.max_attempts <= 100:
        yield FieldProblem("/retry/max_attempts", "must be from 1 to 100")
    if not 1 <= retry.crash_limit <= 100:
        yield FieldProblem("/crash_limit", "must be from 1 to 100")
    if RetryCause.LOST in retry.on and spec.on_lost is OnLost.FAIL:
        yield FieldProblem("/retry/on", "names 'lost' while on_lost is 'fail'; leave one of them out")
    for name, least, most in (("initial", 0, 86400), ("factor", 1, 100), ("max", 0, 86400), ("jitter", 0, 1)):
        value = getattr(backoff, name)
        if not least <= value <= most:
            yield FieldProblem(f"/retry/backoff/{name}", f"must be from {least} to {most}")
