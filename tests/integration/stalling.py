"""A way to a server's socket that can fall silent: everything stays open, nothing passes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread


class Way:
    """Passes bytes both ways until it is told to stall."""

    def __init__(self, listen_at: Path, target: Path) -> None:
        self._target = target
        self._flowing, self._closed = Event(), Event()
        self._flowing.set()
        self._sockets: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(listen_at))
        self._listener.listen(64)
        Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        """From now on nothing passes, and nobody is told."""
        self._flowing.clear()

    def flow(self) -> None:
        """Everything passes again, what waited included."""
        self._flowing.set()

    def close(self) -> None:
        """Cut everything."""
        self._closed.set()
        self._flowing.set()
        for each in [self._listener, *self._sockets]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._target))
            except OSError:
                return
            self._sockets += [near, far]
            for source, sink in ((near, far), (far, near)):
                Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._flowing.wait()
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def way(listen_at: Path, target: Path) -> Iterator[Way]:
    """A way for the length of the block."""
    opened = Way(listen_at, target)
    try:
        yield opened
    finally:
        opened.close()
