"""Values of the port as frames, and frames as events."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ...application.ports.executor import (
    AttemptSignal,
    Broken,
    Ended,
    Event,
    Gone,
    Hello,
    Output,
    Receipt,
    Reported,
    Resume,
    Started,
    StartOrder,
    Voided,
)
from ...domain.jobs.attempt import Ending, Outcome, Progress, Usage
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.log import LogChunk, LogRecord, Stream
from .program import frames, records

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def start_frame(handle: int, hello: Hello, order: StartOrder) -> bytes:
    """The order to start an attempt, valid for that hello."""
    script = isinstance(order.command, str)
    body = {
        "key": str(order.ref),
        "nonce": hello.nonce,
        "stamp": hello.stamp,
        "script" if script else "argv": order.command,
        "env": dict(order.env),
        "secrets": dict(order.secrets),
        "secret_files": dict(order.secret_files),
        "cwd": order.cwd,
        "stdin": order.stdin,
        "run_timeout": order.run_timeout,
        "total_timeout": None if order.total_timeout is None else max(0.0, order.total_timeout),
        "grace": order.grace_period,
        "log_limit": order.log_limit.bytes,
        "log_policy": order.log_limit.policy.value,
        "deadman": order.deadman and [order.deadman.term_after, order.deadman.kill_after],
    }
    return frames.control(frames.START, handle, body)


def resume_frame(handle: int, resume: Resume) -> bytes:
    """The question what became of an attempt."""
    return frames.control(frames.RESUME, handle, {"key": str(resume.ref), "offset": resume.offset})


def signal_frame(signal: AttemptSignal) -> bytes:
    """A wish."""
    body = {"key": str(signal.ref), "kind": signal.kind.value, "number": signal.number}
    return frames.control(frames.SIGNAL, 0, body)


def renew_frame(hello: Hello, refs: Sequence[AttemptRef]) -> bytes:
    """The leases that were renewed after that hello."""
    body = {"keys": [str(ref) for ref in refs], "boot_id": hello.boot_id, "stamp": hello.stamp}
    return frames.control(frames.RENEW, 0, body)


def ack_frame(receipt: Receipt) -> bytes:
    """What need not be kept."""
    body = {"key": str(receipt.ref), "offset": receipt.offset, "final": receipt.final}
    return frames.control(frames.ACK, 0, body)


def hello_in(body: Mapping[str, Any]) -> Hello:
    """The host's word."""
    return Hello(nonce=body["nonce"], boot_id=body["boot_id"], stamp=body["stamp"], containment=body["containment"])


def refs_in(body: Mapping[str, Any]) -> frozenset[AttemptRef]:
    """The attempts in a list."""
    parts = (key.rpartition("/") for key in body["keys"])
    return frozenset(AttemptRef(JobId(job_id), int(number)) for job_id, _, number in parts)


def event_in(ref: AttemptRef, kind: int, body: bytes) -> Event:
    """What a frame tells of an attempt; `BadFrame` if it tells nothing."""
    if kind == frames.DATA:
        return Output(_chunk(ref, body))
    told = frames.parse(body)
    if kind not in _EVENTS:
        raise frames.BadFrame(f"type {kind} is not for a collector")
    return _EVENTS[kind](ref, told)


def _chunk(ref: AttemptRef, body: bytes) -> LogChunk:
    (offset,) = frames.OFFSET.unpack_from(body)
    found = records.decode(memoryview(body)[frames.OFFSET.size :])
    return LogChunk(ref, offset, tuple(LogRecord(Stream(stream), _time(at), data) for stream, at, data in found))


def _reported(ref: AttemptRef, told: Mapping[str, Any]) -> Reported:
    percent, message = told.get("percent"), told.get("message")
    progress = None if percent is None and message is None else Progress(percent=percent, message=message)
    return Reported(ref, progress, told.get("result"))


def _outcome(told: Mapping[str, Any]) -> Outcome:
    cpu = told.get("cpu_seconds")
    return Outcome(
        ending=Ending(told["ending"]),
        exit_code=told.get("exit_code"),
        signal=told.get("signal"),
        message=told.get("message"),
        tree_empty=told["tree_empty"],
        log_size=told["log_size"],
        masked=told.get("masked"),
        usage=None if cpu is None else Usage(cpu_seconds=cpu, max_rss_bytes=told["max_rss_bytes"]),
    )


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


_EVENTS: Final[Mapping[int, Callable[[AttemptRef, Mapping[str, Any]], Event]]] = {
    frames.STARTED: lambda ref, told: Started(ref, told["containment"]),
    frames.GONE: lambda ref, told: Gone(ref, told["offset"]),
    frames.REPORTED: _reported,
    frames.ENDED: lambda ref, told: Ended(ref, _outcome(told)),
    frames.VOIDED: lambda ref, told: Voided(ref, told["boot_id"]),
    frames.BROKEN: lambda ref, told: Broken(ref, told["why"], told["tree_empty"]),
}
