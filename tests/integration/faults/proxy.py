"""A proxy before PostgreSQL that understands one word of it: COMMIT."""

import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

NAME: Final = ".s.PGSQL.5432"
COMMIT: Final = b"COMMIT\0"


class Proxy:
    """Passes everything on, until `cut` is set: `before` the next COMMIT arrives, or `after` it, keeping its answer."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = Path(parse_qs(parts.query)["host"][0]) / NAME
        self._folder = tempfile.TemporaryDirectory(prefix="runyard-px-", dir="/tmp")
        self.url = f"postgresql+psycopg://postgres@{parts.path}?host={self._folder.name}"
        self.cut: str | None = None
        self.cuts = 0
        self._lock = Lock()
        self._listening = socket.socket(socket.AF_UNIX)
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listening.bind(str(Path(self._folder.name) / NAME))
        self._listening.listen()
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        for each in self._open:
            _shut(each)
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            self._open += [client, server]
            Thread(target=self._to_server, args=(client, server), daemon=True).start()
            Thread(target=self._to_client, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            self._pass_on(client, server)
        _shut(client)
        _shut(server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        while data := _received(client):
            cut = self._taken() if COMMIT in data else None
            if cut == "after":
                # Its answer is read here, so that the commit has happened, and goes no further.
                _shut(client)
                server.sendall(data)
                continue
            if cut == "before":
                return
            server.sendall(data)

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        while data := _received(server):
            try:
                client.sendall(data)
            except OSError:
                break
        _shut(client)

    def _taken(self) -> str | None:
        with self._lock:
            cut, self.cut = self.cut, None
            self.cuts += cut is not None
        return cut


def _received(link: socket.socket) -> bytes:
    try:
        return link.recv(1 << 16)
    except OSError:
        return b""


def _shut(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
    link.close()
