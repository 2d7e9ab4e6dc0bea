"""The HTTP interface: calls and streams, their errors as ours, at an address that may move."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Final

import httpx2

from .address import Address, Wanted
from .backoff import Patience
from .errors import RunyardClientError, ServerUnreachable, refused
from .proxies import opened
from .trust import NotTrusted, context_of

Parameters = Mapping[str, str | int | Sequence[str]]

_TIMEOUT: Final = httpx2.Timeout(30.0, connect=5.0)
_PATIENT_SECONDS: Final = 60.0
_NOT_LET_IN: Final = frozenset(
    f"urn:runyard:problem:{code}"
    for code in ("rate-limited", "too-many-at-once", "too-many-connections", "submissions-limit-reached")
)
_CONNECTING: Final = (httpx2.ConnectError, httpx2.ConnectTimeout)


class Api:
    """Calls with the token of the account. Follows a server whose address came from the discovery file."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._address = wanted.address()
        self._http = _client(self._address)
        self._left: list[httpx2.Client] = []  # other threads may still use them
        self._lock = Lock()

    @property
    def url(self) -> str:
        """Where the server was last looked for."""
        return self._address.url

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Parameters | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON of the answer; a `RunyardClientError` for a refusal, `ServerUnreachable` for silence."""
        with self.stream(method, path, body=body, params=params, headers=headers) as response:
            try:
                return json.loads(response.read())
            except ValueError:
                raise _no_runyard(self.url, response.status_code) from None
            except httpx2.TransportError as error:
                raise self._unreachable(error, method) from error

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Parameters | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
    ) -> Iterator[httpx2.Response]:
        """An answer with a body still to be read; reading it may raise `httpx2.TransportError`."""
        timeout = httpx2.Timeout(_TIMEOUT.connect, read=read_timeout or _TIMEOUT.read)
        asked: dict[str, Any] = {"params": params, "headers": headers, "timeout": timeout}
        if body is not None:
            asked |= {"content": _document(body), "headers": {**(headers or {}), "Content-Type": "application/json"}}
        response = self._let_in(method, path, asked)
        try:
            if not response.is_success:
                raise refused(response.status_code, _json(response))
            yield response
        finally:
            response.close()

    def _let_in(self, method: str, path: str, asked: Mapping[str, Any]) -> httpx2.Response:
        """The answer, however busy the server is at first: what it did not let in it has not begun."""
        patience = Patience(_PATIENT_SECONDS)
        while True:
            response = self._sent(method, path, asked)
            if response.status_code not in (429, 503) or patience.over:
                return response
            problem = _json(response)
            if not isinstance(problem, dict) or problem.get("type") not in _NOT_LET_IN:
                return response
            response.close()
            patience.pause(_seconds(response.headers.get("retry-after")))

    def _sent(self, method: str, path: str, asked: Mapping[str, Any]) -> httpx2.Response:
        http = self._http
        try:
            return _send(http, method, path, asked)
        except httpx2.TransportError as error:
            if not isinstance(error, _CONNECTING) or not self._moved_from(http):
                raise self._unreachable(error, method) from error
        try:
            return _send(self._http, method, path, asked)
        except httpx2.TransportError as error:
            raise self._unreachable(error, method) from error

    def _moved_from(self, http: httpx2.Client) -> bool:
        """Whether the discovery file names another address by now; then that one counts."""
        with self._lock:
            if self._http is not http:
                return True
            if not self._address.discovered:
                return False
            try:
                address = self._wanted.address()
            except RunyardClientError:
                return False
            if address == self._address:
                return False
            self._left.append(http)
            self._address, self._http = address, _client(address)
            return True

    def _unreachable(self, error: httpx2.TransportError, method: str) -> RunyardClientError:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return NotTrusted(f"{self.url} cannot prove that it is the server: {str(error).partition('] ')[2]}")
        if isinstance(error, _CONNECTING):
            return ServerUnreachable(f"no server answers at {self.url}")
        said = str(error) or type(error).__name__
        if method == "GET":
            return ServerUnreachable(f"the connection to {self.url} broke off: {said}", advice="Try again.")
        return ServerUnreachable(
            f"the connection to {self.url} broke off, so it is not known whether the request was done: {said}",
            advice="See what became of it with `runyard ps -a` before you try again.",
            unsure=True,
        )

    def close(self) -> None:
        """Let go of all connections."""
        for http in (*self._left, self._http):
            http.close()


def _send(http: httpx2.Client, method: str, path: str, asked: Mapping[str, Any]) -> httpx2.Response:
    return http.send(http.build_request(method, path, **asked), stream=True)


def _client(address: Address) -> httpx2.Client:
    make = partial(
        httpx2.Client,
        base_url=f"{address.url}/api/v1/",
        headers={"Authorization": f"Bearer {address.token}"},
        timeout=_TIMEOUT,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),  # a stream per waiting thread
        trust_env=not address.nearby,
        verify=address.url.startswith("https:") and context_of(address.certificate, address.ca_file),
    )
    return opened(make)


def _seconds(said: str | None) -> float:
    return min(float(said), 10.0) if said and said.isdecimal() else 1.0


def _document(body: Any) -> bytes:
    """The body as it is sent; what JSON has no word for is told before anybody is asked."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:
        what, advice = "is not all text in UTF-8", "Put such bytes into a file, and have the command read it."
    except ValueError:
        what, advice = "has a number that is none, or is infinite", "Correct that number, and try again."
    raise RunyardClientError(f"what was to be sent {what}", code="unreadable-body", advice=advice, status=422)


def _json(response: httpx2.Response) -> Any:
    try:
        return json.loads(response.read())
    except (ValueError, httpx2.TransportError):
        return None


def _no_runyard(url: str, status: int) -> RunyardClientError:
    return RunyardClientError(
        f"what answers at {url} is not Runyard",
        code="not-runyard",
        status=status,
        advice="Check --url and RUNYARD_URL.",
    )
