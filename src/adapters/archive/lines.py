"""Items as lines: an object with one field, named after the kind."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ...application.ports.archive import Item
from ...application.ports.holdings import KeyLimit, WholeJob, WholeLogin, WholeSecret
from ...application.ports.submission_keys import Reservation
from ...domain.accounts.account import Account
from ...domain.accounts.projects import Project
from ...domain.accounts.tokens import Token
from ...domain.audit.entry import AuditEntry, Fields
from ...domain.jobs.access import AttemptToken
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.job import Job
from ...domain.jobs.log import LogChunk, LogRecord, Stream
from ...domain.jobs.queues import QueuePause
from ...domain.jobs.spec import JobSpec
from ...domain.limits.limits import ProjectLimits
from ...domain.runners.events import RunnerEvent
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import RunnerPass
from ...domain.runners.runner import Runner
from ...domain.secrets.sealing import Sealed
from ...domain.secrets.secret import Secret
from .values import plain, valued

KINDS: Final[Mapping[type, str]] = {
    Project: "project",
    ProjectLimits: "project_limits",
    Account: "account",
    Token: "token",
    Runner: "runner",
    RunnerPass: "runner_pass",
    WholeLogin: "runner_login",
    RunnerEvent: "runner_event",
    QueuePause: "queue_pause",
    KeyLimit: "concurrency_key",
    Reservation: "submission_key",
    WholeSecret: "secret",
    AuditEntry: "audit_record",
    WholeJob: "job",
    LogChunk: "log",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def line_of(item: Item) -> bytes:
    """The line, its end included."""
    if isinstance(item, LogChunk):
        body = _chunk_body(item)
    elif isinstance(item, Token):
        body = _token_body(item)
    elif isinstance(item, WholeSecret):
        body = {"secret": plain(item.secret), **_sealed_body(item.sealed)}
    elif isinstance(item, WholeLogin):
        body = {"runner": item.runner_id, **_sealed_body(item.sealed)}
    else:
        body = plain(item)
    if isinstance(item, WholeJob):
        body["job"].pop("attempt")
        body["attempts"] = [*body.pop("earlier"), *([plain(item.job.attempt)] if item.job.attempt else [])]
    return encoded({KINDS[type(item)]: body})


def encoded(document: Any) -> bytes:
    """A document on a line."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def item_in(kind: str, body: Any) -> Item:
    """The item; `KeyError`, `TypeError` or `ValueError` if it is none."""
    return _READ[kind](body)


def _whole(body: Any) -> WholeJob:
    attempts = valued(tuple[Attempt, ...], body["attempts"])
    job: Job = valued(Job, body["job"])
    job = replace(job, attempt=attempts[-1]) if attempts else job
    tokens = valued(tuple[AttemptToken, ...], body.get("tokens", []))
    return WholeJob(job, valued(JobSpec, body["spec"]), attempts[:-1], tokens)


def _sealed_body(sealed: Sealed) -> dict[str, Any]:
    return {"key": sealed.key, "sealed": b64encode(sealed.data).decode()}


def _sealed(body: Any) -> Sealed:
    return Sealed(valued(str, body["key"]), b64decode(body["sealed"], validate=True))


def _token_body(token: Token) -> dict[str, Any]:
    rest = {each.name: plain(getattr(token, each.name)) for each in fields(token) if each.name != "life"}
    return {**rest, "life": token.life.total_seconds()}


def _token(body: Any) -> Token:
    rest = {name: each for name, each in body.items() if name != "life"}
    known: Token = valued(Token, rest)
    return replace(known, life=timedelta(seconds=body["life"]))


def _entry(body: Any) -> AuditEntry:
    rest = {name: each for name, each in body.items() if name not in {"before", "after"}}
    known: AuditEntry = valued(AuditEntry, rest)
    return replace(known, before=_told(body["before"]), after=_told(body["after"]))


def _told(body: Any) -> Fields:
    read = {name: tuple(each) if isinstance(each, list) else each for name, each in body.items()}
    for each in (part for value in read.values() for part in (value if isinstance(value, tuple) else (value,))):
        if not isinstance(each, bool | int | float | str | None):
            raise TypeError(f"{type(each).__name__} where a field of an entry belongs")
    return read


def _chunk_body(chunk: LogChunk) -> dict[str, Any]:
    records = [
        [record.stream.value, (record.at - _EPOCH) // _MICROSECOND, b64encode(record.data).decode()]
        for record in chunk.records
    ]
    return {"job": chunk.ref.job_id, "attempt": chunk.ref.number, "offset": chunk.offset, "records": records}


def _chunk(body: Any) -> LogChunk:
    records = tuple(
        LogRecord(Stream(stream), _EPOCH + at * _MICROSECOND, b64decode(data, validate=True))
        for stream, at, data in body["records"]
    )
    return LogChunk(AttemptRef(JobId(body["job"]), body["attempt"]), body["offset"], records)


_READ: Final[Mapping[str, Callable[[Any], Item]]] = {
    "project": lambda body: valued(Project, body),
    "project_limits": lambda body: valued(ProjectLimits, body),
    "account": lambda body: valued(Account, body),
    "token": _token,
    "runner": lambda body: valued(Runner, body),
    "runner_pass": lambda body: valued(RunnerPass, body),
    "runner_login": lambda body: WholeLogin(RunnerId(valued(str, body["runner"])), _sealed(body)),
    "runner_event": lambda body: valued(RunnerEvent, body),
    "queue_pause": lambda body: valued(QueuePause, body),
    "concurrency_key": lambda body: valued(KeyLimit, body),
    "submission_key": lambda body: valued(Reservation, body),
    "secret": lambda body: WholeSecret(valued(Secret, body["secret"]), _sealed(body)),
    "audit_record": _entry,
    "job": _whole,
    "log": _chunk,
}
