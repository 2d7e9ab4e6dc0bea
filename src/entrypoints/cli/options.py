"""The options commands share: which server, which output, and what is asked of a job."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

from cyclopts import Group, Parameter

from ..client.client import Client, connect
from ..client.fields import Command, JobFields, RetryFields
from .exits import WrongUsage
from .values import environment, labels, seconds, secret_names, size, text_of

_OUTPUT = Group("Output", sort_key=8)
_SERVER = Group("Server", sort_key=9)


def flag(name: str, *more: str, group: Group | None = None, help: str) -> Parameter:  # noqa: A002 - the library's word
    """A switch that has no opposite."""
    parameter = Parameter(name=[f"--{name}", *more], negative="", show_default=False, help=help)
    return parameter if group is None else Parameter.combine(parameter, Parameter(group=group))  # None would hide it


def option(name: str, *, help: str, **rest: Any) -> Parameter:  # noqa: A002 - the library's word
    """An option with a value; given several times, it collects them."""
    return Parameter(name=f"--{name}", negative="", show_default=False, help=help, **rest)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Server:
    """Which server, and with which token. Tokens never stand on a command line."""

    url: Annotated[str | None, option("url", group=_SERVER, help="Its address. [env: RUNYARD_URL]")] = None
    token_file: Annotated[
        str | None,
        option("token-file", group=_SERVER, help="A file with the token. [env: RUNYARD_TOKEN, RUNYARD_TOKEN_FILE]"),
    ] = None
    ca_file: Annotated[
        str | None,
        option("ca-file", group=_SERVER, help="Authorities that vouch for it, PEM. [env: RUNYARD_CA_FILE]"),
    ] = None

    @contextmanager
    def connected(self) -> Iterator[Client]:
        """A client, closed at the end."""
        with connect(self.url, token_file=self.token_file, ca_file=self.ca_file) as client:
            yield client


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Output:
    """How to say it."""

    json: Annotated[bool, flag("json", group=_OUTPUT, help="JSON, complete and stable.")] = False
    quiet: Annotated[
        bool, flag("quiet", "-q", group=_OUTPUT, help="Ids only; nothing of ours beside a job's output.")
    ] = False
    no_color: Annotated[bool, flag("no-color", group=_OUTPUT, help="No colours. [env: NO_COLOR]")] = False


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a job besides its command. Times are seconds, or 5m, 1h30m, 2d."""

    script: Annotated[
        str | None,
        option(
            "script", allow_leading_hyphen=True, help="Instead of CMD: a shell script; @FILE reads one, - our input."
        ),
    ] = None
    name: Annotated[str | None, option("name", help="A name for people.")] = None
    label: Annotated[tuple[str, ...], option("label", metavar="K=V", help="May be repeated.")] = ()
    env: Annotated[
        tuple[str, ...], option("env", metavar="K[=V]", help="Sets K, or copies ours. May be repeated.")
    ] = ()
    secret: Annotated[
        tuple[str, ...], option("secret", metavar="K[=NAME]", help="Sets K to the secret NAME, or K. May be repeated.")
    ] = ()
    secret_file: Annotated[
        tuple[str, ...],
        option("secret-file", metavar="K[=NAME]", help="Sets K to the path of a file that holds it. May be repeated."),
    ] = ()
    cwd: Annotated[
        str | None, option("cwd", metavar="DIR", help="Where it runs; here, unless given, or at home on another host.")
    ] = None
    stdin: Annotated[
        str | None, option("stdin", metavar="FILE|-", allow_leading_hyphen=True, help="Its input, UTF-8 text.")
    ] = None
    project: Annotated[
        str | None, option("project", help="The project it belongs to; else default. [env: RUNYARD_PROJECT]")
    ] = None
    queue: Annotated[str | None, option("queue", help="The queue it waits in.")] = None
    runner: Annotated[str | None, option("runner", metavar="NAME", help="Run it there and nowhere else.")] = None
    require: Annotated[
        tuple[str, ...], option("require", metavar="K=V", help="A label the runner must have. May be repeated.")
    ] = ()
    owner: Annotated[str | None, option("owner", help="Whose it is; else yours. For others only where you may.")] = None
    priority: Annotated[
        Literal["low", "medium", "high"] | int | None,
        option("priority", allow_leading_hyphen=True, help="Its priority."),
    ] = None
    timeout: Annotated[
        float | None, option("timeout", metavar="TIME", converter=seconds, help="How long a try may run.")
    ] = None
    queue_timeout: Annotated[
        float | None,
        option("queue-timeout", metavar="TIME", converter=seconds, help="How long it may wait for its first try."),
    ] = None
    total_timeout: Annotated[
        float | None,
        option("total-timeout", metavar="TIME", converter=seconds, help="By when it must have ended, all in all."),
    ] = None
    grace: Annotated[float | None, option("grace", metavar="TIME", converter=seconds, help="From TERM to KILL.")] = None
    retries: Annotated[int | None, option("retries", help="How often to try again after a failure.")] = None
    retry_on: Annotated[
        tuple[str, ...], option("retry-on", metavar="CAUSE", help="exit_code, signal, timeout, … May be repeated.")
    ] = ()
    on_lost: Annotated[
        Literal["retry", "fail"] | None, option("on-lost", help="When its host is lost after the start.")
    ] = None
    crash_limit: Annotated[int | None, option("crash-limit", help="So many lost tries end it; 3 unless given.")] = None
    lost_after: Annotated[
        float | None,
        option("lost-after", metavar="TIME", converter=seconds, help="How long a silent host is waited for."),
    ] = None
    replace: Annotated[
        Literal["after_lease", "after_confirmed_end"] | None,
        option("replace", help="Try again after that, or only when the end on the silent host was seen."),
    ] = None
    not_before: Annotated[str | None, option("not-before", metavar="TIME", help="2030-01-31T12:00:00Z")] = None
    log_limit: Annotated[
        int | None, option("log-limit", metavar="SIZE", converter=size, help="Bytes of output; 64K, 10M, 1G.")
    ] = None
    log_policy: Annotated[
        Literal["stop", "kill"] | None, option("log-policy", help="Beyond that: drop the rest, or end the job.")
    ] = None

    key: Annotated[str | None, option("key", help="A concurrency key: jobs of one key do not overlap.")] = None
    key_limit: Annotated[int | None, option("key-limit", help="How many of the key may run at once: 1, or more.")] = (
        None
    )
    on_conflict: Annotated[
        Literal["queue", "reject", "replace_running"] | None,
        option("on-conflict", help="While the key is held: wait, be refused, or cancel the oldest holder."),
    ] = None

    access: Annotated[
        Literal["none", "own", "submit"] | None,
        option("access", help="A token for its processes: to look at their own job, or to submit others too."),
    ] = None

    def command(self, argv: tuple[str, ...]) -> Command:
        """What is to run: an argv, or a script."""
        if self.script is None:
            if not argv:
                raise WrongUsage("there is no command; write it after --, or give a --script")
            return argv
        if argv:
            raise WrongUsage("there is a --script and a command; leave one of them out")
        if self.script == "-" and self.stdin == "-":
            raise WrongUsage("--script and --stdin cannot both read our input")
        if self.script == "-":
            return text_of("-", "--script")
        return text_of(self.script[1:], "--script") if self.script.startswith("@") else self.script

    def fields(self) -> JobFields:
        """The rest, as the interface names it; what was not asked for is left to the server."""
        fields: dict[str, Any] = {
            "name": self.name,
            "labels": labels(self.label) or None,
            "env": environment(self.env) or None,
            "secrets": secret_names(self.secret) or None,
            "secret_files": secret_names(self.secret_file) or None,
            "cwd": self._cwd(),
            "stdin": None if self.stdin is None else text_of(self.stdin, "--stdin"),
            "project": self.project or os.environ.get("RUNYARD_PROJECT") or None,
            "owner": self.owner,
            "queue": self.queue,
            "placement": self._placement() or None,
            "priority": self.priority,
            "run_timeout": self.timeout,
            "queue_timeout": self.queue_timeout,
            "total_timeout": self.total_timeout,
            "grace_period": self.grace,
            "retry": self._retry() or None,
            "on_lost": self.on_lost,
            "crash_limit": self.crash_limit,
            "lost_after": self.lost_after,
            "replace": self.replace,
            "not_before": self.not_before,
            "log_limit": self._log_limit() or None,
            "concurrency": self._concurrency() or None,
            "access": self.access,
        }
        return cast("JobFields", {name: value for name, value in fields.items() if value is not None})

    def _cwd(self) -> str:
        try:
            return os.path.abspath(self.cwd or ".")  # noqa: PTH100 - keeps the links the caller came through
        except OSError:
            raise WrongUsage("the current folder is gone; give one with --cwd") from None

    def _placement(self) -> dict[str, Any]:
        given = {"runner": self.runner, "labels": labels(self.require) or None}
        return {name: value for name, value in given.items() if value is not None}

    def _retry(self) -> RetryFields:
        retry: RetryFields = {}
        if self.retries is not None:
            retry["max_attempts"] = self.retries + 1
        if self.retry_on:
            retry["on"] = self.retry_on
        return retry

    def _concurrency(self) -> dict[str, Any]:
        terms = {"limit": self.key_limit, "on_conflict": self.on_conflict}
        given = {name: value for name, value in terms.items() if value is not None}
        if self.key is None and given:
            raise WrongUsage("--key-limit and --on-conflict say how to treat a --key, and there is none")
        return given if self.key is None else {"key": self.key, **given}

    def _log_limit(self) -> dict[str, Any]:
        given = {"bytes": self.log_limit, "policy": self.log_policy}
        return {name: value for name, value in given.items() if value is not None}


HERE: Final = Server()
PLAIN: Final = Output()
NOTHING: Final = Asked()
