"""One connection to a supervisor: frames out, frames in, never stuck between the two."""

import os
import select
import socket
import time
from typing import Final

from ...application.ports.executor import HostUnreachable
from .program import frames

_ANSWER_SECONDS: Final = 10.0
_AT_ONCE: Final = 1 << 18


class Connection:
    """Not for two threads at once. Any failure is `HostUnreachable`, and the end of the connection."""

    def __init__(self, channel: socket.socket, wake: int) -> None:
        self._channel = channel
        self._wake = wake
        self._reader = frames.FrameReader()
        self._inbox: list[tuple[int, int, bytes]] = []
        channel.setblocking(False)
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)
        self._poll.register(wake, select.POLLIN)

    def send(self, data: bytes) -> None:
        """Everything; what arrives meanwhile is kept for `receive`."""
        left = memoryview(data)
        poll = select.poll()
        poll.register(self._channel, select.POLLIN | select.POLLOUT)
        while left:
            try:
                left = left[self._channel.send(left) :]
            except BlockingIOError:
                if not poll.poll(_ANSWER_SECONDS * 1000):
                    raise HostUnreachable("the supervisor takes nothing") from None
                self._read()
            except OSError as error:
                raise HostUnreachable(f"the supervisor is gone: {error.strerror}") from error

    def receive(self, timeout: float) -> list[tuple[int, int, bytes]]:
        """The next frames, waiting so long for the first; nothing when woken."""
        until = time.monotonic() + timeout
        while not self._inbox:
            left = max(0.0, until - time.monotonic())
            ready = {descriptor for descriptor, _ in self._poll.poll(left * 1000)}
            if self._channel.fileno() in ready:
                self._read()
            if self._wake in ready:
                os.read(self._wake, 4096)
                break
            if not left:
                break
        taken, self._inbox = self._inbox, []
        return taken

    def answer(self, request: bytes, kind: int) -> bytes:
        """Send a request and wait for the frame of that type; the others are kept."""
        self.send(request)
        until = time.monotonic() + _ANSWER_SECONDS
        seen = 0
        while True:
            for position in range(seen, len(self._inbox)):
                if self._inbox[position][0] == kind:
                    return self._inbox.pop(position)[2]
            seen = len(self._inbox)
            left = until - time.monotonic()
            poll = select.poll()
            poll.register(self._channel, select.POLLIN)
            if left <= 0 or not poll.poll(left * 1000):
                raise HostUnreachable("the supervisor does not answer")
            self._read()

    def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def _read(self) -> None:
        try:
            data = self._channel.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError as error:
            raise HostUnreachable(f"the supervisor is gone: {error.strerror}") from error
        if not data:
            raise HostUnreachable("the supervisor hung up")
        try:
            self._inbox += self._reader.feed(data)
        except frames.BadFrame as error:
            raise HostUnreachable("what answers is no supervisor") from error
