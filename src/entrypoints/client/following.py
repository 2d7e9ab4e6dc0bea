"""A job's output and states as they happen, through broken connections and restarted servers."""

import base64
import json
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, Final

import httpx2

from .api import Api
from .backoff import Patience
from .errors import RunyardClientError, ServerUnreachable, passing
from .jobs import JobSummary, LogChunk
from .sse import Event, Parser

PING_EVERY: Final = 15.0
"""The server says something at least this often."""

_SILENCE: Final = 3 * PING_EVERY


class StillRunning(Exception):
    """The time is nearly up, and the job has not finished."""


class Following:
    """Iterates over `LogChunk` and `JobSummary` values; the last one is the finished job. Every byte comes once.

    `until` is a moment of the monotonic clock: within a ping of it, `StillRunning` is raised.
    """

    def __init__(
        self,
        api: Api,
        job_id: str,
        *,
        attempt: int | None = None,
        patience: float = 60.0,
        until: float | None = None,
    ) -> None:
        self._api = api
        self._path = f"jobs/{job_id}/log/stream"
        self._attempt = attempt
        self._patience = Patience(patience)
        self._until = until
        self._after: str | None = None
        self._ends: dict[tuple[int, str], int] = {}

    def __iter__(self) -> Iterator[LogChunk | JobSummary]:
        while True:
            try:
                with closing(self._connected()) as events:
                    for event in events:
                        said = self._understood(event)
                        if said is not None:
                            yield said
                        if event.name == "end":
                            return
            except httpx2.TransportError as error:
                self._or_give_up(ServerUnreachable(f"the connection to {self._api.url} broke off: {error}"))
            except RunyardClientError as error:
                self._or_give_up(error)
            self._patience.pause()

    def _connected(self) -> Generator[Event, None, None]:
        """The events of one connection, which may break off anywhere."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if self._after is not None:
            headers["Last-Event-ID"] = self._after
        params = {} if self._attempt is None else {"attempt": self._attempt}
        silence = _SILENCE if self._until is None else min(_SILENCE, max(self._time_left(), 1.0))
        parser = Parser()
        with self._api.stream("GET", self._path, params=params, headers=headers, read_timeout=silence) as response:
            self._patience.heard()
            for piece in response.iter_bytes():
                self._patience.heard()
                for event in parser.feed(piece):
                    yield event
                    self._patience.worked()
                    self._after = event.id or self._after
                self._time_left()

    def _understood(self, event: Event) -> LogChunk | JobSummary | None:
        if event.name == "log":
            return self._unseen(json.loads(event.data))
        if event.name in ("state", "end"):
            return JobSummary.of(json.loads(event.data))
        return None

    def _unseen(self, said: dict[str, Any]) -> LogChunk | None:
        """The chunk without what was delivered before, should a server repeat itself."""
        data = base64.b64decode(said["data"]) if said["encoding"] == "base64" else said["data"].encode()
        key, offset = (said["attempt"], said["stream"]), said["offset"]
        seen = max(self._ends.get(key, 0) - offset, 0)
        if seen >= len(data):
            return None
        self._ends[key] = offset + len(data)
        return LogChunk(attempt=key[0], stream=key[1], offset=offset + seen, data=data[seen:])

    def _time_left(self) -> float:
        if self._until is None:
            return _SILENCE
        left = self._until - time.monotonic()
        if left <= PING_EVERY:
            raise StillRunning
        return left - PING_EVERY

    def _or_give_up(self, error: RunyardClientError) -> None:
        if self._patience.over or not passing(error):
            raise error
