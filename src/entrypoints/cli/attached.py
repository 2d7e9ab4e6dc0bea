"""A terminal attached to a job: output through, Ctrl-C with manners."""

import base64
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Final

from ..client.backoff import Patience
from ..client.client import Client
from ..client.errors import RunyardClientError, passing
from ..client.jobs import JobSummary, LogChunk
from .exits import INTERRUPTED, NO_READER, OK, of_job
from .options import Output
from .printing import as_line
from .saying import note

_AHEAD: Final = 64
_HEARD_SECONDS: Final = 0.25
"""A signal that comes just before a wait does not end it, and is heard after this."""
_QUESTION: Final = "\nThe job goes on without you. [c]ancel it, [d]etach, or Enter to go on watching (Ctrl-C cancels): "


class Attached:
    """Follows one job to its end.

    The stream is read by a thread, so that Ctrl-C is a message among others: no byte is lost to it.
    """

    def __init__(self, client: Client, job: JobSummary, output: Output) -> None:
        self._client = client
        self._job = job
        self._output = output
        self._inbox: SimpleQueue[LogChunk | JobSummary | BaseException | None] = SimpleQueue()
        self._room = threading.Semaphore(_AHEAD)
        self._interrupts = 0
        self._cancelled = False
        self._told = sys.stderr.isatty() and not output.quiet and not output.json

    def followed(self) -> int:
        """The exit code."""
        if self._told:
            note(f"job {self._job.id}")
        with self._interruptible():
            threading.Thread(target=self._read, name="follow", daemon=True).start()
            try:
                return self._consumed()
            except BrokenPipeError:
                self._cancel()
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return NO_READER

    def _consumed(self) -> int:
        while True:
            said = self._next()
            if isinstance(said, KeyboardInterrupt):
                if not self._interrupted():
                    return INTERRUPTED
            elif isinstance(said, BaseException):
                raise said
            elif said is None:
                return self._ended()
            else:
                self._deliver(said)
                self._room.release()

    def _next(self) -> LogChunk | JobSummary | BaseException | None:
        while True:
            with suppress(Empty):
                return self._inbox.get(timeout=_HEARD_SECONDS)

    def _read(self) -> None:
        try:
            for said in self._client.follow(self._job):
                self._room.acquire()
                self._inbox.put(said)
            self._inbox.put(None)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that asked
            self._inbox.put(error)

    def _deliver(self, said: LogChunk | JobSummary) -> None:
        if self._output.json:
            as_line(as_event(said))
        elif isinstance(said, LogChunk):
            out = sys.stdout if said.stream == "stdout" else sys.stderr
            if said.stream != "system" or not self._output.quiet:
                out.buffer.write(said.data)
                out.flush()
        if isinstance(said, JobSummary):
            if self._told and (said.attempt or 0) > max(self._job.attempt or 0, 1):
                note(f"attempt {said.attempt}")
            self._job = said

    def _ended(self) -> int:
        job = self._job
        code = of_job(job, interrupted=self._cancelled)
        own = job.state == "failed" and job.reason in ("exit_code", "signal")
        if code != OK and not own and not self._output.quiet:
            note(f"job {job.id} {job.state}: {job.message or job.reason}")
        if job.end_confirmed is False:
            note("processes of the job may still be running")
        return code

    def _interrupted(self) -> bool:
        """Whether to go on following."""
        if self._cancelled:
            note(f"no longer watching; see it with `runyard job show {self._job.id}`")
            return False
        if self._interactive():
            answer = self._asked()
            self._interrupts = 0
            if answer == "d":
                note(f"detached; follow it with `runyard logs -f {self._job.id}`")
                return False
            if answer != "c":
                return True
        return self._cancel()

    def _interactive(self) -> bool:
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    def _asked(self) -> str:
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            print(_QUESTION, end="", file=sys.stderr, flush=True)
            return sys.stdin.readline().strip().lower()[:1]
        except KeyboardInterrupt:
            print(file=sys.stderr)
            return "c"
        finally:
            signal.signal(signal.SIGINT, handler)

    def _cancel(self) -> bool:
        patience = Patience(10)
        while True:
            try:
                self._client.cancel(self._job)
            except RunyardClientError as error:
                if patience.over or not passing(error):
                    note(f"could not cancel job {self._job.id}: {error}")
                    print(f"Next: Try `runyard cancel {self._job.id}`.", file=sys.stderr, flush=True)
                    return False
                patience.pause()
            else:
                self._cancelled = True
                if not self._output.quiet:
                    note("cancelling; Ctrl-C again stops watching")
                return True

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        def interrupt(_signal: int, _frame: FrameType | None) -> None:
            self._interrupts += 1
            if self._interrupts > 3:  # we are stuck, perhaps in a write nobody reads
                raise KeyboardInterrupt
            self._inbox.put(KeyboardInterrupt())

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def as_event(said: LogChunk | JobSummary) -> dict[str, Any]:
    """A line of `--json` output."""
    if isinstance(said, JobSummary):
        return {"event": "end" if said.finished else "state", "job": said.raw}
    text: dict[str, str] = as_text(said.data)
    return {"event": "log", "attempt": said.attempt, "stream": said.stream, "offset": said.offset, **text}


def as_text(data: bytes) -> dict[str, str]:
    """Bytes in JSON: as text where they are text."""
    try:
        return {"encoding": "utf-8", "data": data.decode()}
    except UnicodeDecodeError:
        return {"encoding": "base64", "data": base64.b64encode(data).decode()}
