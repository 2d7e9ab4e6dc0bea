"""The channel of an SSH connection as a stream."""

import contextlib
import errno
import select
import time
from typing import Final

import paramiko

_SLICE_SECONDS: Final = 0.01
_AT_ONCE: Final = 1 << 15
_MOST_TAKEN: Final = 4 << 20  # what is left behind is moved in memory each time


class ChannelStream:
    """One channel, and with it the whole connection: there is no other use for it."""

    def __init__(self, transport: paramiko.Transport, channel: paramiko.Channel) -> None:
        self._transport = transport
        self._channel = channel
        channel.settimeout(0.0)
        self._readable = select.poll()
        self._readable.register(channel.fileno(), select.POLLIN)

    def fileno(self) -> int:
        return int(self._channel.fileno())

    def recv(self) -> bytes:
        try:
            return bytes(self._channel.recv(_MOST_TAKEN))
        except TimeoutError:
            raise BlockingIOError from None

    def send(self, data: memoryview) -> int:
        try:
            return int(self._channel.send(bytes(data[:_AT_ONCE])))
        except TimeoutError:
            raise BlockingIOError from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise OSError(errno.EPIPE, "the connection broke") from error

    def wait(self, seconds: float) -> bool:
        """The channel tells by a descriptor what arrived, but not when it takes more."""
        until = time.monotonic() + seconds
        while not self._readable.poll(_SLICE_SECONDS * 1000):
            if self._channel.send_ready():
                return True
            if time.monotonic() > until:
                return False
        return True

    def close(self) -> None:
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):  # it may be broken, and says goodbye
            self._channel.close()
        self._transport.close()
