"""What may stand between agents and their server: it passes everything on over TLS, until it does something else."""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread

import trustme

_BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\n<h1>oh</h1>"
_ROTATES = b"POST /api/v1/agent/rotate "


class Between:
    """Its manners may be changed while it stands there; connections that are open are cut then.

    `swallows` is asked before each answer to an exchange of tokens whether it is lost.
    """

    def __init__(self, server: str, folder: Path) -> None:
        authority = trustme.CA()
        self.ca_file = folder / "authority"
        authority.cert_pem.write_to_path(self.ca_file)
        yesterday = datetime.now(UTC) - timedelta(days=1)
        self._good = _context(authority.issue_cert("127.0.0.1"))
        self._expired = _context(authority.issue_cert("127.0.0.1", not_after=yesterday))
        host, _, port = server.rpartition("//")[2].partition(":")
        self._server = (host, int(port))
        self.swallows: Callable[[], bool] = lambda: False
        self.swallowed = self.turned_away = 0
        self._shown, self._bad_gateway = self._good, False
        self._lock, self._closed = Lock(), Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, name="between", daemon=True).start()

    def is_well(self) -> None:
        """Everything passes."""
        self._change(self._good, bad_gateway=False)

    def says_bad_gateway(self) -> None:
        """Everything is answered by 502."""
        self._change(self._good, bad_gateway=True)

    def shows_an_expired_certificate(self) -> None:
        """Nobody should believe who it is."""
        self._change(self._expired, bad_gateway=False)

    def cut(self) -> None:
        """End every connection."""
        with self._lock:
            found, self._open = self._open, []
        for each in found:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        self._closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _change(self, shown: ssl.SSLContext, *, bad_gateway: bool) -> None:
        self._shown, self._bad_gateway = shown, bad_gateway
        self.cut()

    def _accept(self) -> None:
        while not self._closed.is_set():
            with suppress(OSError):
                Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            near = self._shown.wrap_socket(plain, server_side=True)
        except OSError:  # they do not believe us
            self.turned_away += 1
            plain.close()
            return
        if self._bad_gateway:
            with suppress(OSError), near:
                near.recv(1 << 16)
                near.sendall(_BAD_GATEWAY)
                self.turned_away += 1
            return
        try:
            far = socket.create_connection(self._server, 10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self._lock:
            self._open += [near, far]
        pair = _Pair(near, far, self)
        Thread(target=pair.there, daemon=True).start()
        pair.back()


class _Pair:
    """One connection and its continuation."""

    def __init__(self, near: socket.socket, far: socket.socket, between: Between) -> None:
        self._near, self._far, self._between = near, far, between
        self._loses = False

    def there(self) -> None:
        with suppress(OSError):
            while data := self._near.recv(1 << 16):
                if data.startswith(_ROTATES):
                    self._loses = self._between.swallows()
                self._far.sendall(data)
        self._end()

    def back(self) -> None:
        with suppress(OSError):
            while data := self._far.recv(1 << 16):
                if self._loses:
                    self._between.swallowed += 1
                    break
                self._near.sendall(data)
        self._end()

    def _end(self) -> None:
        for each in (self._near, self._far):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
