"""The server, as an agent reaches it: calls with the token there is now, refusals as errors, and patience."""

import random
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import Any, Final

import httpx2

from ...application.ports.work import StoreUnavailable
from ...domain.errors import Refusal, RunyardError
from ...domain.jobs.access import URL_VARIABLE
from ...domain.runners.errors import DriverLost, RunnerDrivenElsewhere
from ...domain.runners.passes import PassRefused
from ..client.address import Address
from ..client.proxies import opened
from ..client.trust import context_of

_TIMEOUT: Final = httpx2.Timeout(10.0, connect=5.0)
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_NOTHING_TO_SAY: Final = 204
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class Refused(RunyardError):
    """The server will not do that, and trying again does not help."""

    refusal = Refusal.CONFLICT
    code = "refused-by-server"

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str]) -> None:
        self.status, self.of, self.headers = status, code, headers
        super().__init__(detail)


class ServerDoor:
    """Thread-safe. After a failure nobody knocks for a while, longer each time and cut short by chance, so that many
    agents that were cut off together do not come back together.
    """

    def __init__(self, url: str, token: Callable[[], str], *, ca_file: str = "") -> None:
        self._token = token
        self._url = url.rstrip("/")
        self._ca_file = ca_file and str(Path(ca_file).expanduser().absolute())
        make = partial(
            httpx2.Client,
            base_url=f"{self._url}/api/v1/agent/",
            timeout=_TIMEOUT,
            trust_env=not Address(url=self._url, token="").nearby,
            verify=self._url.startswith("https:") and context_of(None, self._ca_file or None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=4),
        )
        self._http = opened(make)
        self._lock = Lock()
        self._failures = 0
        self._again = 0.0
        self._why = ""
        self.shut = Event()
        """Set when the token opens nothing any more: somebody has to do something about it."""

    def says(self, what: str, body: Any = None, *, patience: float = 0.0) -> Any:
        """The JSON of the answer; it may take so many seconds longer than usual."""
        return self._asked(what, patience, json=body)

    def sends(self, what: str, content: bytes, media_type: str, **params: int) -> Any:
        """The same for bytes."""
        headers = {"Content-Type": media_type}
        return self._asked(what, 0.0, content=content, params=params, headers=headers)

    def leave(self, epoch: int) -> None:
        """End the session."""
        self._asked("bye", 0.0, json={"epoch": epoch})

    @property
    def way_back(self) -> Mapping[str, str]:
        """The variables by which a job reaches the server as we do."""
        return {URL_VARIABLE: self._url, **({"RUNYARD_CA_FILE": self._ca_file} if self._ca_file else {})}

    @property
    def pause(self) -> float:
        """How long nobody should knock."""
        return max(0.0, self._again - monotonic())

    def close(self) -> None:
        """Let go of all connections; whoever waits for an answer gets none."""
        self._http.close()

    def _asked(self, what: str, patience: float, **asked: Any) -> Any:
        if self.pause:
            raise StoreUnavailable(f"not asked again yet: {self._why}")
        shown = self._token()
        try:
            answer = self._sent(what, shown, patience, asked)
            if answer.status_code == 401 and self._token() != shown:  # it was exchanged while this was under way
                answer = self._sent(what, self._token(), patience, asked)
        except httpx2.RequestError as error:
            raise self._failed(f"{self._url} cannot be reached: {str(error) or type(error).__name__}") from error
        except RuntimeError as error:  # the client was closed
            raise StoreUnavailable("the agent leaves") from error
        if not answer.is_success:
            raise self._refusal(answer)
        try:
            said = {} if answer.status_code == _NOTHING_TO_SAY else answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise self._failed(f"what answers at {self._url} is no server of ours")
        self._failures, self._again = 0, 0.0
        return said

    def _sent(self, what: str, token: str, patience: float, asked: Mapping[str, Any]) -> httpx2.Response:
        headers = {**asked.get("headers", {}), "Authorization": f"Bearer {token}"}
        timeout = httpx2.Timeout(_TIMEOUT.connect, read=(_TIMEOUT.read or 0.0) + patience)
        return self._http.post(what, **{**asked, "headers": headers, "timeout": timeout})

    def _refusal(self, answer: httpx2.Response) -> RunyardError:
        try:
            problem = answer.json()
            code, detail = str(problem["type"]).rpartition(":")[2], str(problem["detail"])
        except (ValueError, KeyError, TypeError):  # something between us and the server said that
            code, detail = f"http-{answer.status_code}", f"{self._url} answered {answer.status_code}"
            if answer.status_code not in _PASSING:
                self._failed(detail)
        if answer.status_code in _PASSING:
            return self._failed(detail)
        if code == PassRefused.code:
            self.shut.set()
            return PassRefused(detail)
        if code in (DriverLost.code, RunnerDrivenElsewhere.code):
            return _Lost(code, detail)
        return Refused(answer.status_code, code, detail, answer.headers)

    def _failed(self, why: str) -> StoreUnavailable:
        with self._lock:
            self._why = why
            most = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10))
            self._failures += 1
            self._again = monotonic() + random.uniform(0, most)  # noqa: S311 - spreads load, guards nothing
        return StoreUnavailable(why)


class _Lost(DriverLost):
    """The session is another's, as the server said it."""

    def __init__(self, code: str, detail: str) -> None:
        RunyardError.__init__(self, detail)
        self.elsewhere = code == RunnerDrivenElsewhere.code
