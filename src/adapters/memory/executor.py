"""The executor of a simulated host: one connection, from one driver."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event as Flag
from typing import Final

from ...application.ports.executor import (
    AttemptSignal,
    Broken,
    Ended,
    Event,
    Gone,
    Hello,
    HostUnreachable,
    Output,
    Receipt,
    Reported,
    Resume,
    Started,
    StartOrder,
    Voided,
)
from ...domain.jobs.ids import AttemptRef
from .directory import Directory, Kept
from .host import MemoryHost

_GLANCE: Final = 0.05


@dataclass(slots=True)
class _Told:
    """What this connection has told of one attempt so far."""

    offset: int = 0
    started: bool = False
    reports: int = 0
    ended: bool = False


class MemoryExecutor:
    """Starts, signals and collects on a `MemoryHost`; as many of them as there are drivers, one after the other."""

    def __init__(self, host: MemoryHost) -> None:
        self._host = host
        self._told: dict[AttemptRef, _Told] = {}
        self._supervisor = host.supervisor
        self._woken = Flag()

    def hello(self) -> Hello:
        self._connect()
        return self._host.hello()

    def start(self, hello: Hello, orders: Sequence[StartOrder]) -> None:
        self._connect()
        for order in orders:
            directory = self._host.start(hello, order)
            known = self._told.get(order.ref, _Told())
            self._told[order.ref] = _Told(offset=max(known.offset, directory.gone), reports=known.reports)

    def signal(self, signals: Sequence[AttemptSignal]) -> None:
        self._connect()
        for signal in signals:
            directory = self._host.find(signal.ref)
            if directory is not None:
                directory.wish(signal.kind, signal.number)

    def held(self) -> frozenset[AttemptRef]:
        self._connect()
        return self._host.held()

    def renew(self, hello: Hello, refs: Sequence[AttemptRef]) -> None:
        self._connect()
        self._host.renew(hello, refs)

    def resume(self, resumes: Sequence[Resume]) -> None:
        self._connect()
        for resume in resumes:
            self._host.void(resume.ref)
            self._told[resume.ref] = _Told(offset=resume.offset)

    def events(self, timeout: float) -> list[Event]:
        until = self._host.clock.elapsed() + timeout
        while True:
            self._connect()
            self._host.run()
            events = [event for ref, told in self._told.items() for event in self._news(ref, told)]
            left = until - self._host.clock.elapsed()
            if events or left <= 0 or self._woken.is_set():
                self._woken.clear()
                return events
            due = max(0.0, self._host.next_at - self._host.boottime)
            self._host.clock.advance(min(left, max(due, 1e-6) if due < _GLANCE else _GLANCE))

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        self._connect()
        for receipt in receipts:
            self._host.acknowledge(receipt)
            if receipt.final:
                self._told.pop(receipt.ref, None)

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self._told.clear()

    def _connect(self) -> None:
        """Notice that the host is away, or that its supervisor is another one: then this connection knows nothing."""
        if not self._host.reachable or self._supervisor != self._host.supervisor:
            self._told.clear()
            self._supervisor = self._host.supervisor
            raise HostUnreachable("the connection to the host broke")

    def _news(self, ref: AttemptRef, told: _Told) -> list[Event]:
        directory = self._host.find(ref)
        if directory is None or told.ended:
            return []
        if directory.kept is Kept.VOID:
            told.ended = True
            return [Voided(ref, directory.boot_id)]
        events = [*_beginning(directory, told), *_middle(directory, told)]
        if directory.kept is Kept.STARTED:
            return events
        told.ended = True
        if directory.outcome is not None:
            return [*events, Ended(ref, directory.outcome)]
        return [*events, Broken(ref, directory.why_broken, tree_empty=True)]


def _beginning(directory: Directory, told: _Told) -> list[Event]:
    if told.started or not directory.began:
        return []
    told.started = True
    return [Started(directory.ref, "memory")]


def _middle(directory: Directory, told: _Told) -> list[Event]:
    gone = [Gone(directory.ref, directory.gone)] if told.offset < directory.gone else []
    told.offset = max(told.offset, directory.gone)
    output = directory.output_from(told.offset)
    told.offset = output[-1].end if output else told.offset
    said, told.reports = directory.reports[told.reports :], len(directory.reports)
    return [
        *gone,
        *(Output(chunk) for chunk in output),
        *(Reported(directory.ref, report.progress, report.result) for report in said),
    ]
