"""One connection to a supervisor: frames out, frames in, never stuck between the two."""

import os
import select
import time
from typing import Final

from ...application.ports.executor import HostUnreachable
from .program import frames
from .streams import NO_PULSE, Pulse, Stream

_ANSWER_SECONDS: Final = 10.0
_MOST_AT_ONCE: Final = 4 << 20
_LISTEN_SECONDS: Final = 0.5
_PING: Final = (1 << 64) - 1  # a handle that is no attempt's: hello and its answer as ping and pong
_AHEAD: Final = _PING - 1  # the same for a hello whose answer is wanted later
_KEEPS_SECONDS: Final = 1.0


class Connection:
    """Not for two threads at once. Any failure is `HostUnreachable`, and the end of the connection."""

    def __init__(self, stream: Stream, wake: int, pulse: Pulse = NO_PULSE) -> None:
        self._stream = stream
        self._wake = wake
        self._pulse = pulse
        self._reader = frames.FrameReader()
        self._inbox: list[tuple[int, int, bytes]] = []
        self._asked_ahead: float | None = None
        self._ahead: bytes | None = None
        self._poll = select.poll()
        self._poll.register(stream.fileno(), select.POLLIN)
        self._poll.register(wake, select.POLLIN)
        self._arrives = select.poll()
        self._arrives.register(stream.fileno(), select.POLLIN)

    def send(self, data: bytes) -> None:
        """Everything; what arrives meanwhile is kept for `receive`."""
        left = memoryview(data)
        until = time.monotonic() + _ANSWER_SECONDS
        while left:
            try:
                left = left[self._stream.send(left) :]
                until = time.monotonic() + _ANSWER_SECONDS
            except BlockingIOError:
                if not self._stream.wait(_LISTEN_SECONDS) and time.monotonic() > until:
                    raise HostUnreachable("the supervisor takes nothing") from None
                self._read()
            except OSError as error:
                raise HostUnreachable(f"the supervisor is gone: {error.strerror}") from error

    def receive(self, timeout: float) -> list[tuple[int, int, bytes]]:
        """The next frames, waiting so long for the first; nothing when woken."""
        until = time.monotonic() + timeout
        if self._inbox:  # all that is there is taken together
            self._read_all()
        while not self._inbox:
            left = max(0.0, until - time.monotonic())
            ready = {descriptor for descriptor, _ in self._poll.poll(min(left, _LISTEN_SECONDS) * 1000)}
            if self._stream.fileno() in ready:
                self._read_all()
            self._feel(time.monotonic())
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
            self._read_before(until)

    def send_and_ask_ahead(self, data: bytes) -> None:
        """Everything, and a hello behind it, whose answer is there when `ahead` asks for it, or nearly."""
        self._asked_ahead, self._ahead = time.monotonic(), None
        self.send(data + frames.control(frames.HELLO, _AHEAD, {}))

    def ahead(self) -> bytes | None:
        """The answer to the hello that was asked for ahead, once, if it is hardly older than a new one would be."""
        asked, self._asked_ahead = self._asked_ahead, None
        if asked is None or time.monotonic() - asked > _KEEPS_SECONDS:
            return None
        until = time.monotonic() + _ANSWER_SECONDS
        while self._ahead is None:
            self._read_before(until)
        answer, self._ahead = self._ahead, None
        return answer

    def ends(self, seconds: float) -> bool:
        """Whether the other end hangs up within so many seconds; what it says until then is not wanted."""
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                self.receive(left)
        except HostUnreachable:
            return True
        return False

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def _feel(self, now: float) -> None:
        self._pulse.looked(now)
        if self._pulse.asks(now):
            self.send(frames.control(frames.HELLO, _PING, {}))
        elif self._pulse.dead(now):
            raise HostUnreachable("nothing is heard from the host any more")

    def _read_before(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0 or not self._arrives.poll(left * 1000):
            raise HostUnreachable("the supervisor does not answer")
        self._read()

    def _read_all(self) -> None:
        """What has arrived, as long as it is not too much: whoever stores it has one commit for all of it."""
        taken = 0
        while taken < _MOST_AT_ONCE and (more := self._read()):
            taken += more

    def _read(self) -> int:
        """What arrives in one go; how much that was."""
        try:
            data = self._stream.recv()
        except BlockingIOError:
            return 0
        except OSError as error:
            raise HostUnreachable(f"the supervisor is gone: {error.strerror}") from error
        if not data:
            raise HostUnreachable("the supervisor hung up")
        self._pulse.heard(time.monotonic())
        try:
            for frame in self._reader.feed(data):
                if frame[1] == _AHEAD:
                    self._ahead = frame[2]
                elif frame[1] != _PING:
                    self._inbox.append(frame)
        except frames.BadFrame as error:
            raise HostUnreachable("what answers is no supervisor") from error
        return len(data)
