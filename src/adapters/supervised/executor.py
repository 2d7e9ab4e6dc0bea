"""Attempts on a host, through its supervisor."""

import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, Protocol, Self
from weakref import finalize

from ...application.ports.executor import AttemptSignal, Event, Hello, HostUnreachable, Receipt, Resume, StartOrder
from ...domain.jobs.ids import AttemptRef
from . import wire
from .client import Connection
from .program import frames, records

_LEAVING_SECONDS: Final = 2.0
_NONSENSE: Final = (
    frames.BadFrame,
    records.BadRecord,
    struct.error,
    AttributeError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What reading may end with that no supervisor has written."""


class Way(Protocol):
    """How a host's supervisor is reached."""

    def __call__(self, wake: int) -> Connection:
        """A new connection, or `HostUnreachable`; it is woken by the descriptor given. Starts one if none lives."""

    def lives(self) -> bool:
        """Whether a supervisor can be reached without starting one."""


class SupervisedExecutor:
    """Fits `Executor` and `Collector`. Connects when it is first needed, and again after each loss."""

    def __init__(self, connect: Way) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._refs: dict[int, AttemptRef] = {}
        self._handles: dict[AttemptRef, int] = {}
        self._next = 1
        self._woken, self._ring = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._ring, False)
        finalize(self, _close_all, self._woken, self._ring)

    def hello(self) -> Hello:
        """A fresh stamp of the host."""
        with self._talking() as connection:
            return wire.hello_in(frames.parse(connection.ahead() or self._ask(frames.HELLO, frames.WELCOME)))

    def start(self, hello: Hello, orders: Sequence[StartOrder]) -> None:
        """Start these attempts; where some were started more will be, so the next hello is asked for by the way."""
        if orders:
            self._send(b"".join(wire.start_frame(self._bound(each.ref), hello, each) for each in orders), ahead=True)

    def signal(self, signals: Sequence[AttemptSignal]) -> None:
        """Pass on wishes."""
        self._send(b"".join(wire.signal_frame(signal) for signal in signals))

    def held(self) -> frozenset[AttemptRef]:
        """What the host runs, or keeps the end of."""
        with self._talking():
            return wire.refs_in(frames.parse(self._ask(frames.LIST, frames.LISTED)))

    def renew(self, hello: Hello, refs: Sequence[AttemptRef]) -> None:
        """Tell that leases were renewed."""
        self._send(wire.renew_frame(hello, refs))

    def resume(self, resumes: Sequence[Resume]) -> None:
        """Ask what became of attempts."""
        self._send(b"".join(wire.resume_frame(self._bound(resume.ref), resume) for resume in resumes))

    def events(self, timeout: float) -> list[Event]:
        """What happened since."""
        with self._talking() as connection:
            heard = connection.receive(timeout)
            return [
                wire.event_in(self._refs[handle], kind, body) for kind, handle, body in heard if handle in self._refs
            ]

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Let the host drop what is stored."""
        self._send(b"".join(map(wire.ack_frame, receipts)))
        for receipt in receipts:
            if receipt.final and receipt.ref in self._handles:
                del self._refs[self._handles.pop(receipt.ref)]

    def wake(self) -> None:
        """End a waiting `events` now."""
        with suppress(BlockingIOError):  # then it is rung as loud as can be
            os.write(self._ring, b"\0")

    def stop_supervisor(self) -> bool:
        """Ask the supervisor to end if it has nothing to do; whether none lives from then on."""
        if self._connection is None and not self._connect.lives():
            return True
        with self._talking() as connection:
            if not frames.parse(self._ask(frames.STOP, frames.STOPPING))["done"]:
                return False
            left = connection.ends(_LEAVING_SECONDS)
        self._lose()
        return left

    def close(self) -> None:
        """Hang up. The supervisor and its attempts go on; the next call connects afresh."""
        self._lose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _bound(self, ref: AttemptRef) -> int:
        handle = self._handles.get(ref)
        if handle is None:
            handle = self._handles[ref] = self._next
            self._refs[handle] = ref
            self._next += 1
        return handle

    def _ask(self, request: int, answer: int) -> bytes:
        with self._talking() as connection:
            return connection.answer(frames.control(request, 0, {}), answer)

    def _send(self, data: bytes, *, ahead: bool = False) -> None:
        with self._talking() as connection:
            (connection.send_and_ask_ahead if ahead else connection.send)(data)

    @contextmanager
    def _talking(self) -> Iterator[Connection]:
        """The connection; it is lost if it fails, or if what is said there makes no sense."""
        connection = self._connected()
        try:
            yield connection
        except HostUnreachable:
            self._lose()
            raise
        except _NONSENSE as error:
            self._lose()
            raise HostUnreachable("what answers is no supervisor of ours") from error

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._connect(self._woken)
        return self._connection

    def _lose(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._refs.clear()
        self._handles.clear()


def _close_all(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
