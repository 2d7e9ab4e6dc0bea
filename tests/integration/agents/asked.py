"""A machine with an agent, as whoever submits jobs to it sees it: what suites ask of a host is asked of its server."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event as Bell
from typing import Any

from runyard.application.ports.executor import (
    AttemptSignal,
    Ended,
    Event,
    Hello,
    Output,
    Receipt,
    Reported,
    Resume,
    SignalKind,
    Started,
    StartOrder,
)
from runyard.domain.jobs.attempt import Ending, Outcome, Progress
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.errors import RunyardClientError
from tests.integration.server import until

from .box import Box

_LOOK_SECONDS = 0.02


@dataclass
class Told:
    """What was told of one job until now."""

    job: str
    started: bool = False
    ended: bool = False
    sizes: dict[Stream, int] = field(default_factory=lambda: dict.fromkeys(Stream, 0))

    @property
    def size(self) -> int:
        return sum(self.sizes.values())


class AskedHost:
    """Fits `Host` as far as a submitter can: each order is a job for this runner alone, each wish a call.

    Hanging up while something runs is the death of the agent, by `kill -9`.
    """

    def __init__(self, client: Client, box: Box, jobs: dict[AttemptRef, str]) -> None:
        self._client, self._box, self._jobs = client, box, jobs
        self._told: dict[AttemptRef, Told] = {}
        self._woken = Bell()

    def hello(self) -> Hello:
        return Hello(nonce="", boot_id="", stamp=0.0, containment="")

    def start(self, hello: Hello, orders: Sequence[StartOrder]) -> None:
        for order in orders:
            self._jobs[order.ref] = self._client.submit(order.command, **self._asked(order)).id
            self._told[order.ref] = Told(self._jobs[order.ref])

    def signal(self, signals: Sequence[AttemptSignal]) -> None:
        acts = {
            SignalKind.CANCEL: self._client.cancel,
            SignalKind.PAUSE: self._client.pause,
            SignalKind.RESUME: self._client.resume,
        }
        for each in signals:
            job = self._jobs[each.ref]
            # The default binds the job of this turn, which no type of a function without arguments can tell.
            until(lambda job=job: self._client.get(job).state not in ("queued", "claimed"))  # type: ignore[misc]
            acts[each.kind](job)

    def resume(self, resumes: Sequence[Resume]) -> None:
        for each in resumes:
            assert each.offset == 0, "a server tells everything, and forgets nothing"
            self._told[each.ref] = Told(self._jobs[each.ref])

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        for each in receipts:
            if each.final:
                with suppress(RunyardClientError):  # it has ended
                    self._client.cancel(self._jobs[each.ref])
                self._client.wait(self._jobs[each.ref], timeout=60)
                self._told.pop(each.ref, None)

    def renew(self, hello: Hello, refs: Sequence[AttemptRef]) -> None:
        raise NotImplementedError("leases are between the agent and its server")

    def held(self) -> frozenset[AttemptRef]:
        return frozenset(ref for ref, told in self._told.items() if not self._client.get(told.job).finished)

    def events(self, timeout: float) -> list[Event]:
        give_up = time.monotonic() + timeout
        while True:
            news = [event for ref, told in self._told.items() if not told.ended for event in self._news(ref, told)]
            if news or self._woken.is_set() or time.monotonic() >= give_up:
                self._woken.clear()
                return news
            time.sleep(_LOOK_SECONDS)  # between two looks at the books, which ring for nobody out here

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        if self.held():
            self._box.kill()
        self._told.clear()

    def _asked(self, order: StartOrder) -> Any:
        limit = order.log_limit
        return {
            "placement": {"runner": self._box.name},
            "env": dict(order.env),
            "secrets": self._sealed(order.secrets),
            "secret_files": self._sealed(order.secret_files),
            "cwd": order.cwd,
            "stdin": order.stdin,
            "run_timeout": order.run_timeout,
            "total_timeout": order.total_timeout,
            "grace_period": order.grace_period,
            "log_limit": {"bytes": limit.bytes, "policy": limit.policy.value},
        }

    def _sealed(self, secrets: Any) -> dict[str, str]:
        for variable, value in secrets.items():
            self._client.secrets.set(f"of-{variable.lower()}", value)
        return {variable: f"of-{variable.lower()}" for variable in secrets}

    def _news(self, ref: AttemptRef, told: Told) -> Iterator[Event]:
        job, attempts = self._client.get(told.job), self._client.attempts(told.job)
        if not attempts:
            return
        (attempt,) = attempts
        if attempt.started_at is not None and not told.started:
            told.started = True
            yield Started(ref, attempt.containment or "")
        if told.started or job.finished:  # the books may have the first output a moment before the start
            yield from self._output(ref, told, attempt.log_size or 0)
        if not job.finished:
            return
        told.ended = True
        if job.progress is not None or job.result is not None:
            last = job.progress
            said = None if last is None else Progress(percent=last.percent, message=last.message)
            yield Reported(ref, said, None if job.result is None else json.dumps(job.result))
        yield Ended(
            ref,
            Outcome(
                ending=Ending(str(attempt.ending)),
                exit_code=attempt.exit_code,
                signal=attempt.signal,
                message=attempt.message,
                tree_empty=attempt.end_confirmed,
                log_size=attempt.log_size,
                masked=attempt.masked,
            ),
        )

    def _output(self, ref: AttemptRef, told: Told, size: int) -> Iterator[Event]:
        if size <= told.size:
            return
        for stream in Stream:
            kept = b"".join(self._client.logs(told.job, stream=stream.name.lower()))
            new, offset = kept[told.sizes[stream] :], told.size
            if new:
                told.sizes[stream] += len(new)
                yield Output(LogChunk(ref, offset, (LogRecord(stream, datetime.now(UTC), new),)))
