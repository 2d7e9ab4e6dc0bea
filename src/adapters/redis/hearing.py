"""The thread that hears what other processes ring, and comes back after every failure."""

from collections.abc import Callable
from logging import getLogger
from threading import Event, Thread
from time import monotonic
from typing import Final

from redis.client import PubSub

from .connecting import RingsUnreachable, connected

_LOOK_SECONDS: Final = 0.5
_PING_SECONDS: Final = 3.0
_SILENCE_SECONDS: Final = 8.0
"""A connection that stays silent so long, though it was asked, is dead."""
_PATIENCE: Final = (0.2, 5.0)

_log = getLogger(__name__)


class Hearing:
    """Subscribed to one channel for as long as it runs."""

    def __init__(self, url: str, channel: str, told: Callable[[bytes], None]) -> None:
        self._client = connected(url)
        self._channel, self._told = channel, told
        self._stopping, self._hears = Event(), Event()
        self._thread = Thread(target=self._run, name="rings heard", daemon=True)
        self._wait = _PATIENCE[0]

    def start(self) -> None:
        """Begin to hear."""
        self._thread.start()

    def stop(self) -> None:
        """Hear no more."""
        self._stopping.set()
        self._thread.join(_LOOK_SECONDS + 1)
        self._client.close()

    def check(self) -> None:
        """`RingsUnreachable` unless subscribed, after a moment's patience."""
        if not self._hears.wait(1.0):
            raise RingsUnreachable("Redis does not answer; rings stay within this process")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._client.pubsub() as subscription:  # type: ignore[no-untyped-call]
                    self._hear(subscription)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                if self._hears.is_set():
                    _log.warning("rings of other processes are not heard for now: %s", error)
                self._hears.clear()
                self._stopping.wait(self._wait)
                self._wait = min(self._wait * 2, _PATIENCE[1])

    def _hear(self, subscription: PubSub) -> None:
        subscription.subscribe(self._channel)
        heard_at = asked_at = monotonic()
        while not self._stopping.is_set():
            message = subscription.get_message(timeout=_LOOK_SECONDS)
            now = monotonic()
            if message is not None:
                heard_at = now
                if message["type"] == "message":
                    self._told(message["data"])
                elif message["type"] == "subscribe":
                    self._wait = _PATIENCE[0]
                    self._hears.set()
            if now - max(heard_at, asked_at) >= _PING_SECONDS:
                subscription.ping()
                asked_at = now
            if now - heard_at >= _SILENCE_SECONDS:
                raise TimeoutError("it has become silent")
