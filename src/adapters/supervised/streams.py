"""What carries the frames of one connection, and how its silence is noticed."""

import select
import socket
from typing import Final, Protocol

_AT_ONCE: Final = 1 << 18  # so much memory is set aside for each call


class Stream(Protocol):
    """Bytes both ways, never waited for unless that is asked. Any failure is an `OSError`."""

    def fileno(self) -> int:
        """What is readable when there is something to receive."""

    def recv(self) -> bytes:
        """Some of what arrived, nothing at the end; `BlockingIOError` while nothing did."""

    def send(self, data: memoryview) -> int:
        """How much was taken; `BlockingIOError` while nothing can be."""

    def wait(self, seconds: float) -> bool:
        """Wait until something can be sent or received; whether that is so."""

    def close(self) -> None:
        """Hang up."""


class SocketStream:
    """A socket."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        channel.setblocking(False)
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN | select.POLLOUT)

    def fileno(self) -> int:
        return self._channel.fileno()

    def recv(self) -> bytes:
        return self._channel.recv(_AT_ONCE)

    def send(self, data: memoryview) -> int:
        return self._channel.send(data)

    def wait(self, seconds: float) -> bool:
        return bool(self._poll.poll(seconds * 1000))

    def close(self) -> None:
        self._channel.close()


class Pulse:
    """Whether the other side lives: it is asked after `every` seconds of silence, and dead after `dead` more.

    Time in which nobody listened does not count.
    """

    def __init__(self, *, every: float, dead: float) -> None:
        self._every, self._dead = every, dead
        self._heard = self._looked = 0.0
        self._asked: float | None = None

    def looked(self, now: float) -> None:
        """We listen now; after a pause of our own everything begins anew."""
        if now - self._looked > self._every:
            self.heard(now)
        self._looked = now

    def heard(self, now: float) -> None:
        """Something arrived."""
        self._heard, self._asked = now, None

    def asks(self, now: float) -> bool:
        """Whether to ask now; once for each silence."""
        if self._asked is None and now - self._heard >= self._every:
            self._asked = now
            return True
        return False

    def dead(self, now: float) -> bool:
        """Whether it was asked and has been silent for too long."""
        return self._asked is not None and now - self._asked >= self._dead


NO_PULSE: Final = Pulse(every=float("inf"), dead=float("inf"))
"""For a socket on this machine, whose other end cannot go without closing it."""
