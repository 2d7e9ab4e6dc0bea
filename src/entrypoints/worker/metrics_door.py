"""The numbers of a process that serves nothing else, over HTTP."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6
from threading import Thread
from typing import Any, Final

_PATIENCE_SECONDS: Final = 10
_SCHEME: Final = "bearer "

Authenticate = Callable[[str], bool]


class MetricsDoor:
    """Answers `GET /metrics` and nothing else; None as `authenticate` lets everybody in."""

    def __init__(self, host: str, port: int, page: Callable[[], bytes], authenticate: Authenticate | None) -> None:
        handler = type("Handler", (_Handler,), {"page": staticmethod(page), "authenticate": authenticate})
        self._server = (_Server6 if ":" in host else ThreadingHTTPServer)((host, port), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server6(ThreadingHTTPServer):
    address_family = AF_INET6


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE_SECONDS
    page: Callable[[], bytes]
    authenticate: Authenticate | None

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
        elif not self._may_come_in():
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Bearer realm="runyard"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            text = self.page()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def version_string(self) -> str:
        return "Runyard"

    def log_message(self, *_: Any) -> None:
        """Scrapes are no news."""

    def _may_come_in(self) -> bool:
        authenticate = type(self).__dict__["authenticate"]
        given = self.headers.get("Authorization", "")
        if authenticate is None:
            return True
        return given.lower().startswith(_SCHEME) and bool(authenticate(given[len(_SCHEME) :].strip()))
