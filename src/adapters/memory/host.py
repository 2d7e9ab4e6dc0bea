"""A machine that exists in memory only. It outlives the executors that speak to it, as a real one would."""

from collections.abc import Iterable
from itertools import count
from math import inf
from typing import Final, Protocol

from ...application.ports.executor import Hello, HostUnreachable, Receipt, StartOrder
from ...domain.jobs.ids import AttemptRef
from .clock import ManualClock
from .directory import Directory, Kept
from .scripted import Programs, nothing_really

WINDOW: Final = 30.0
"""So long after its hello a start is valid, and so long an ended attempt is remembered at least."""


class Passing(Protocol):
    """Time as the host has it. Waiting is advancing: a test never sleeps."""

    def elapsed(self) -> float:
        """Seconds since some fixed moment."""

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""


class MemoryHost:
    """Attempts, their simulated processes, and a supervisor that can be lost.

    A test scripts it: `programs` says what commands do; `reachable` cuts it off; `lose_supervisor`
    and `reboot` end what runs there, leaving what a real host would leave.
    """

    def __init__(self, programs: Programs = nothing_really, clock: Passing | None = None) -> None:
        self.programs = programs
        self.clock = clock or ManualClock()
        self.reachable = True
        self.starts: list[AttemptRef] = []
        self.supervisor = 1
        self._boots = 1
        self._booted_at = 0.0
        self._hellos: dict[str, float] = {}
        self._nonces = count(1)
        self._directories: dict[AttemptRef, Directory] = {}

    @property
    def boot_id(self) -> str:
        return f"boot-{self._boots}"

    @property
    def boottime(self) -> float:
        """Seconds since the host booted."""
        return self.clock.elapsed() - self._booted_at

    @property
    def next_at(self) -> float:
        """The boot time at which something happens here by itself."""
        return min((directory.next_at for directory in self._directories.values()), default=inf)

    def run(self) -> None:
        """Let happen what is due by now."""
        for directory in self._directories.values():
            directory.run_until(self.boottime)

    def hello(self) -> Hello:
        self._expect_contact()
        nonce = f"{self.boot_id}/{self.supervisor}/{next(self._nonces)}"
        self._hellos[nonce] = self.boottime
        return Hello(nonce=nonce, boot_id=self.boot_id, stamp=self.boottime, containment="memory")

    def start(self, hello: Hello, order: StartOrder) -> Directory:
        """Start it, or say what is there already. Only a start in time, by its own hello, makes a process."""
        self._expect_contact()
        self._purge()
        known = self._directories.get(order.ref)
        if known is not None and not (known.forgotten and hello.stamp > known.forgotten_at):
            return known
        if self.boottime - self._hellos.get(hello.nonce, -inf) > WINDOW:
            return self.void(order.ref)
        made = self._directories[order.ref] = Directory(order.ref, self.boot_id, now=self.boottime)
        self.starts.append(order.ref)
        made.start(order, self.programs(order), stamp=self._hellos[hello.nonce])
        return made

    def renew(self, hello: Hello, refs: Iterable[AttemptRef]) -> None:
        """Count from that hello anew, if it was said under this boot."""
        self._expect_contact()
        for ref in refs if hello.boot_id == self.boot_id else ():
            if ref in self._directories:
                self._directories[ref].renewed(hello.stamp)

    def void(self, ref: AttemptRef) -> Directory:
        """What is there; where nothing is, the promise that nothing ever will be."""
        self._expect_contact()
        self._purge()
        return self._directories.setdefault(ref, Directory(ref, self.boot_id, now=self.boottime))

    def find(self, ref: AttemptRef) -> Directory | None:
        self._expect_contact()
        return self._directories.get(ref)

    def acknowledge(self, receipt: Receipt) -> None:
        directory = self.find(receipt.ref)
        if directory is not None:
            directory.trim(receipt.offset)
            if receipt.final:
                directory.forget()
        self._purge()

    def lose_supervisor(self) -> None:
        """It dies with everything it ran; its successor finds owner records without an outcome."""
        self._end_all("the supervisor died")

    def reboot(self) -> None:
        """Power off and on: a new boot, another supervisor, the same disk."""
        self._end_all("the host restarted")
        self._boots += 1
        self._booted_at = self.clock.elapsed()

    def held(self) -> frozenset[AttemptRef]:
        """The attempts that run, or whose end is kept; voids and tombstones go by themselves."""
        self._expect_contact()
        return frozenset(
            ref for ref, found in self._directories.items() if not found.forgotten and found.kept is not Kept.VOID
        )

    def _end_all(self, why: str) -> None:
        self.run()
        for directory in self._directories.values():
            directory.break_off(why)
        self.supervisor += 1
        self._hellos.clear()

    def _purge(self) -> None:
        """A tombstone goes when no start can be under way to it any more."""
        self._directories = {
            ref: kept
            for ref, kept in self._directories.items()
            if not (kept.forgotten and (kept.boot_id != self.boot_id or self.boottime - kept.created_at > WINDOW))
        }

    def _expect_contact(self) -> None:
        if not self.reachable:
            raise HostUnreachable("the host does not answer")
        self.run()
