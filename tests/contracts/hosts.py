"""What a suite for executors needs of the host under test, and how it listens to one."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import pytest

from runyard.application.ports.executor import (
    AttemptSignal,
    Broken,
    Ended,
    Event,
    Gone,
    Host,
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
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.log import LogRecord, Stream, joined
from runyard.domain.jobs.spec import Command
from tests.builders import a_job_id

E = TypeVar("E", Started, Output, Gone, Reported, Ended, Voided, Broken)

PATIENCE = 60.0
"""Seconds of real time after which something that should have happened has not."""


class Commands(Protocol):
    """How to say something to the host under test."""

    def exits(self, code: int) -> Command: ...
    def prints(self, data: bytes) -> Command: ...
    def prints_then_waits(self, data: bytes) -> Command: ...
    def prints_slowly(self, parts: Sequence[bytes]) -> Command:
        """Three seconds between two parts: so long there is to pause it."""

    def prints_on_both(self, out: bytes, err: bytes) -> Command: ...
    def sleeps(self, seconds: float) -> Command: ...
    def ignores_term(self) -> Command:
        """Prints `ready`, and waits for ever."""

    def reports(self, *lines: str) -> Command: ...
    def copies_stdin(self) -> Command: ...
    def expects(self, name: str, value: str) -> Command:
        """Ends with 0 if the variable has that value, and with 1 if not."""

    def expects_in_file(self, name: str, value: str) -> Command:
        """The same for what the file holds whose path the variable is."""

    def tells_its_directory(self) -> Command: ...
    def dies_by(self, signal: int) -> Command: ...
    def is_missing(self) -> Command:
        """There is no such program."""


class Machine(Protocol):
    """A host that outlives the connections to it."""

    @property
    def commands(self) -> Commands: ...

    def connect(self) -> Host:
        """A connection as a new driver would make it; the one before is closed or dead."""


def a_ref(number: int = 1) -> AttemptRef:
    return AttemptRef(a_job_id(), number)


@dataclass
class Line:
    """One connection, with everything heard on it."""

    host: Host
    heard: list[Event] = field(default_factory=list)
    ordered: list[AttemptRef] = field(default_factory=list)

    def start(self, *orders: StartOrder) -> None:
        self.ordered += [order.ref for order in orders]
        self.host.start(self.host.hello(), orders)

    def run(self, command: Command, **limits: object) -> AttemptRef:
        order = StartOrder(ref=a_ref(), command=command, **limits)  # type: ignore[arg-type]
        self.start(order)
        return order.ref

    def resume(self, ref: AttemptRef, offset: int = 0) -> None:
        self.host.resume([Resume(ref, offset)])

    def wish(self, ref: AttemptRef, kind: SignalKind, number: int = 0) -> None:
        self.host.signal([AttemptSignal(ref, kind, number)])

    def acknowledge(self, ref: AttemptRef, offset: int, *, final: bool = False) -> None:
        self.host.acknowledge([Receipt(ref, offset, final)])

    def until(self, enough: Callable[[], object]) -> None:
        give_up = time.monotonic() + PATIENCE
        while not enough():
            assert time.monotonic() < give_up, f"not heard in time; heard {self.heard}"
            self.listen(0.5)

    def let_go(self) -> None:
        """End and forget all that was started here, so that the next test finds an empty host."""
        self.host.acknowledge([Receipt(ref, 0, final=True) for ref in self.ordered])
        self.host.held()  # answered in order: the receipts have been read before the line goes dead
        self.host.close()

    def listen(self, seconds: float) -> None:
        self.heard += self.host.events(seconds)

    def end_of(self, ref: AttemptRef) -> Outcome:
        self.until(lambda: self.told(ref, Ended))
        return self.told(ref, Ended)[-1].outcome

    def voided(self, ref: AttemptRef) -> Voided:
        self.until(lambda: self.told(ref, Voided))
        return self.told(ref, Voided)[-1]

    def told(self, ref: AttemptRef, kind: type[E]) -> list[E]:
        return [event for event in self.heard if isinstance(event, kind) and event.ref == ref]

    def records(self, ref: AttemptRef) -> list[LogRecord]:
        return [record for output in self.told(ref, Output) for record in output.chunk.records]

    def printed(self, ref: AttemptRef, stream: Stream | None = None) -> bytes:
        return joined(self.records(ref), stream)


class OnOneHost:
    """What the suites share: a connection per test, to a machine that the binding provides as a fixture."""

    @pytest.fixture
    def line(self, machine: Machine) -> Iterator[Line]:
        line = Line(machine.connect())
        yield line
        line.let_go()

    @pytest.fixture
    def commands(self, machine: Machine) -> Commands:
        return machine.commands
