"""A supervisor for one test, what its attempts did, and the proof that nothing of it stays."""

import itertools
import os
import signal
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from runyard.adapters.supervised.executor import SupervisedExecutor
from runyard.adapters.supervised.pipe import local_executor
from runyard.adapters.supervised.program import frames
from runyard.application.ports.executor import (
    AttemptSignal,
    Broken,
    Ended,
    Event,
    Output,
    Receipt,
    Reported,
    Resume,
    SignalKind,
    Started,
    StartOrder,
    Voided,
)
from runyard.domain.jobs.attempt import Outcome
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.limits import LogLimit
from runyard.domain.jobs.log import LogRecord, Stream, joined
from runyard.domain.jobs.spec import Command


@dataclass
class Seen:
    """What was told of one attempt."""

    ref: AttemptRef
    started: int = 0
    records: list[LogRecord] = field(default_factory=list, repr=False)
    first: int | None = None
    end: int = 0
    reports: list[Reported] = field(default_factory=list)
    last: Ended | Voided | Broken | None = None

    def told(self, event: Event) -> None:
        assert self.last is None or isinstance(event, Started | Ended | Voided | Broken), f"{event} after the end"
        match event:
            case Started():
                self.started += 1
            case Output(chunk):
                self.first = chunk.offset if self.first is None else self.first
                assert self.end in (0, chunk.offset), "a gap in the output"
                self.records += chunk.records
                self.end = chunk.end
            case Reported():
                self.reports.append(event)
            case Ended() | Voided() | Broken():
                self.last = event

    def bytes(self, only: Stream | None = None) -> bytes:
        return joined(self.records, only)

    @property
    def text(self) -> str:
        return self.bytes().decode()

    @property
    def outcome(self) -> Outcome:
        assert isinstance(self.last, Ended), self.last
        return self.last.outcome


class Yard:
    """One directory; `executor` is the present collector."""

    def __init__(self, directory: Path, containment: str | None = None) -> None:
        self.directory = directory
        self.job = str(uuid4())
        self.acknowledging = True
        self.seen: dict[AttemptRef, Seen] = {}
        self._containment = containment
        self._numbers = itertools.count(1)
        self._executors: list[SupervisedExecutor] = []
        self._supervisors: set[int] = set()
        self.executor = self.another()

    def another(self) -> SupervisedExecutor:
        """A further collector; it becomes the newest when it first speaks."""
        executor = local_executor(self.directory, containment=self._containment)
        self._executors.append(executor)
        return executor

    def reconnected(self) -> SupervisedExecutor:
        """As after the death of the driver: a new collector that knows nothing."""
        self.executor.close()
        self._executors.remove(self.executor)
        self.seen.clear()
        self.executor = self.another()
        return self.executor

    def order(
        self,
        command: Command,
        *,
        env: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
        secret_files: dict[str, str] | None = None,
        cwd: str | None = None,
        stdin: str | None = None,
        run_timeout: float | None = None,
        grace_period: float = 10.0,
        log_limit: LogLimit | None = None,
    ) -> StartOrder:
        """An order with defaults for the rest."""
        return StartOrder(
            ref=AttemptRef(JobId(self.job), next(self._numbers)),
            command=command,
            env=env or {},
            secrets=secrets or {},
            secret_files=secret_files or {},
            cwd=cwd,
            stdin=stdin,
            run_timeout=run_timeout,
            grace_period=grace_period,
            log_limit=log_limit or LogLimit(),
        )

    def start(self, *orders: StartOrder) -> None:
        hello = self.executor.hello()
        self.pid()
        self.executor.start(hello, orders)

    def run(self, command: Command, seconds: float = 60.0, **more: object) -> Seen:
        """Start it and wait for its end."""
        order = self.order(command, **more)  # type: ignore[arg-type]
        self.start(order)
        return self.ended(order.ref, seconds=seconds)

    def of(self, ref: AttemptRef) -> Seen:
        return self.seen.setdefault(ref, Seen(ref))

    def collect(self, timeout: float = 0.05) -> list[Event]:
        """Take in what happened, and acknowledge output unless the test does not want that."""
        events = self.executor.events(timeout)
        for event in events:
            self.of(event.ref).told(event)
        if self.acknowledging:
            heads = {event.ref: event.chunk.end for event in events if isinstance(event, Output)}
            self.executor.acknowledge([Receipt(ref, end) for ref, end in heads.items()])
        return events

    def until(self, met: Callable[[], object], seconds: float = 60.0) -> None:
        limit = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < limit, f"not within {seconds} s; seen: {self.seen}"
            self.collect()

    def ended(self, *refs: AttemptRef, seconds: float = 60.0) -> Seen:
        """Wait for the end of these; the first one."""
        self.until(lambda: all(self.of(ref).last for ref in refs), seconds)
        return self.of(refs[0])

    def runs(self, ref: AttemptRef) -> Seen:
        self.until(lambda: self.of(ref).started)
        return self.of(ref)

    def says(self, ref: AttemptRef, text: str) -> Seen:
        """Wait until it wrote that."""
        self.until(lambda: text in self.of(ref).text)
        return self.of(ref)

    def signal(self, ref: AttemptRef, kind: SignalKind) -> None:
        self.executor.signal([AttemptSignal(ref, kind)])

    def resume(self, ref: AttemptRef, offset: int = 0) -> None:
        self.executor.resume([Resume(ref, offset)])

    def forget(self, *refs: AttemptRef) -> None:
        self.executor.acknowledge([Receipt(ref, self.of(ref).end, final=True) for ref in refs])

    def pid(self) -> int:
        """The supervisor's; remembered, to be ended after the test."""
        body = self.executor._ask(frames.HELLO, frames.WELCOME)
        pid = int(frames.parse(body)["pid"])
        self._supervisors.add(pid)
        return pid

    def answers_within(self) -> float:
        """How many seconds the supervisor takes to answer."""
        asked = time.monotonic()
        self.executor._ask(frames.HELLO, frames.WELCOME)
        return time.monotonic() - asked

    def memory(self, name: str = "VmRSS") -> int:
        """Of the supervisor, in bytes."""
        lines = Path(f"/proc/{self.pid()}/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))

    def kill_supervisor(self) -> None:
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not _alive(pid))

    def processes(self) -> list[int]:
        """What lives of this yard: supervisors, guards, jobs."""
        marks = (str(self.directory).encode(), self.job.encode())
        return [pid for pid in _pids() if any(mark in _facts(pid) for mark in marks)]

    def files(self) -> dict[str, int]:
        """All files in the directory with their sizes; what goes while it is looked at is left out."""
        sizes = {}
        for folder, _, names in os.walk(self.directory):
            for name in names:
                path = Path(folder, name)
                with suppress(FileNotFoundError):
                    if stat.S_ISREG((found := path.stat()).st_mode):
                        sizes[str(path.relative_to(self.directory))] = found.st_size
        return sizes

    def close(self) -> None:
        """End everything by its number, then see that nothing is left."""
        for executor in self._executors:
            with suppress(OSError):
                executor.close()
        if self._supervisors or (self.directory / "sock").exists():
            self._end_supervisor()
        wait_for(lambda: not self.processes())

    def _end_supervisor(self) -> None:
        with local_executor(self.directory, containment=self._containment) as last:
            body = last._ask(frames.HELLO, frames.WELCOME)
            pid = int(frames.parse(body)["pid"])
            if not last.stop_supervisor():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                wait_for(lambda: not _alive(pid))
                self._end_supervisor()  # its successor ends what it left
            wait_for(lambda: not _alive(pid))


def wait_for(met: Callable[[], object], seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < limit, f"not within {seconds} s"
        time.sleep(0.01)


def _alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _pids() -> Iterable[int]:
    numbers = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [number for number in numbers if number != os.getpid()]


def _facts(pid: int) -> bytes:
    facts = b""
    with suppress(OSError):
        facts = Path(f"/proc/{pid}/cmdline").read_bytes()
        facts += Path(f"/proc/{pid}/environ").read_bytes()
    return facts
