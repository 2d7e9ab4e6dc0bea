"""Programs of a host that exists in memory only: what they do, step by step, in simulated seconds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Final, Protocol

from ...application.ports.executor import StartOrder
from ...domain.jobs.attempt import Progress
from ...domain.jobs.log import Stream

TERM: Final = 15
KILL: Final = 9


@dataclass(frozen=True, slots=True)
class Print:
    data: bytes
    stream: Stream = Stream.STDOUT


@dataclass(frozen=True, slots=True)
class CopyStdin:
    """Print what came in."""


@dataclass(frozen=True, slots=True)
class Sleep:
    seconds: float = inf


@dataclass(frozen=True, slots=True)
class IgnoreTerm:
    """From here on TERM does nothing."""


@dataclass(frozen=True, slots=True)
class Say:
    """What goes through `RUNYARD_REPORT`."""

    progress: Progress | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    code: int = 0


@dataclass(frozen=True, slots=True)
class Die:
    signal: int


Step = Print | CopyStdin | Sleep | IgnoreTerm | Say | Exit | Die
Program = tuple[Step, ...]
"""Steps in a row; after the last one it exits with 0."""

Programs = Callable[[StartOrder], Program | None]
"""Which program a host runs for an order; None: there is no such program."""


def nothing_really(order: StartOrder) -> Program:
    """For dry runs: any command succeeds at once and does nothing."""
    return (Print(f"dry run: {order.ref}\n".encode(), Stream.SYSTEM),)


class Ears(Protocol):
    """Who listens to a process."""

    def wrote(self, stream: Stream, data: bytes) -> None:
        """The process wrote this."""

    def said(self, what: Say) -> None:
        """The process reported this."""


class Process:
    """A program under way. It stands still unless told what time it is."""

    def __init__(self, program: Program, stdin: str | None, *, now: float) -> None:
        self.end: Exit | Die | None = None
        self.due = now
        self._steps: Iterator[Step] = iter(program)
        self._stdin = (stdin or "").encode()
        self._ignores_term = False
        self._stopped_since: float | None = None

    @property
    def next_at(self) -> float:
        """When it does its next step by itself; never, if it has ended or is stopped."""
        return inf if self.end or self._stopped_since is not None else self.due

    def step(self, ears: Ears) -> None:
        """Do the step that is due."""
        match next(self._steps, Exit(0)):
            case Print(data=data, stream=stream):
                ears.wrote(stream, data)
            case CopyStdin():
                ears.wrote(Stream.STDOUT, self._stdin)
            case Sleep(seconds=seconds):
                self.due += seconds
            case IgnoreTerm():
                self._ignores_term = True
            case Say() as said:
                ears.said(said)
            case Exit() | Die() as end:
                self.end = end

    def signal(self, number: int) -> None:
        """TERM or KILL; a stopped process is let go on first, as the supervisor does."""
        if self.end is None and not (number == TERM and self._ignores_term):
            self.end = Die(number)

    def stop(self, now: float) -> bool:
        """Stand still; whether it ran until now."""
        ran = self._stopped_since is None
        self._stopped_since = now if self._stopped_since is None else self._stopped_since
        return ran

    def go_on(self, now: float) -> bool:
        """Run again; whether it stood still until now."""
        if self._stopped_since is None:
            return False
        self.due += now - self._stopped_since
        self._stopped_since = None
        return True
