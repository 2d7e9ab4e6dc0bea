"""Rings between processes: published by one thread, heard by another, missed by nobody who matters."""

import json
from collections.abc import Callable, Collection
from logging import getLogger
from threading import Event, Lock, Thread
from typing import Any, Final
from uuid import uuid4

from redis import Redis

from .connecting import connected
from .hearing import Hearing
from .listeners import Heard, Listeners

_OPEN_SECONDS: Final = 5.0
"""So long nothing is tried after a failure."""
_MOST_WAITING: Final = 10_000
_TOPICS_AT_ONCE: Final = 500

_log = getLogger(__name__)


class RedisRings:
    """Rings in this process at once, and in all others that use the same database of the same Redis.

    `ring` hands over to a thread, so it never fails and never waits. After a failure rings stay within the process
    for some seconds; whoever misses one finds out by its own look within the second.
    """

    def __init__(self, url: str) -> None:
        self._client = connected(url)
        self._channel = f"runyard:{self._client.connection_pool.connection_kwargs.get('db', 0)}:rings"
        self._own_name = uuid4().hex
        self._listeners = Listeners()
        self._hearing = Hearing(url, self._channel, self._told)
        self._lock = Lock()
        self._waiting: set[str] = set()
        self._rung, self._stopping = Event(), Event()
        self._thread = Thread(target=self._run, name="rings", daemon=True)
        self.failures = 0

    def start(self) -> None:
        """Begin to carry between processes."""
        self._hearing.start()
        self._thread.start()

    def stop(self) -> None:
        """Carry no more, after what already waits."""
        self._stopping.set()
        self._rung.set()
        self._thread.join(1.0)
        self._hearing.stop()
        self._client.close()

    def ring(self, topics: set[str]) -> None:
        self._listeners.tell(topics)
        with self._lock:
            if len(self._waiting) < _MOST_WAITING:
                self._waiting |= topics
            else:
                self.failures += len(topics)
        self._rung.set()

    def listen(self, topic: str, heard: Heard) -> Callable[[], None]:
        return self._listeners.add(topic, heard)

    def hears(self) -> None:
        """Does nothing while this process hears the others; else `RingsUnreachable`."""
        self._hearing.check()

    def _told(self, data: bytes) -> None:
        """What comes from outside is looked at, never trusted: at worst somebody looks at the store in vain."""
        try:
            said: Any = json.loads(data)
            sender, topics = said["from"], said["topics"]
        except (ValueError, TypeError, KeyError):
            return
        if sender != self._own_name and isinstance(topics, list):
            self._listeners.tell([topic for topic in topics if isinstance(topic, str)])

    def _run(self) -> None:
        broken = False
        while not self._stopping.is_set() or self._waiting:
            self._rung.wait()
            self._rung.clear()
            with self._lock:
                topics, self._waiting = self._waiting, set()
            try:
                self._publish(self._client, topics)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait and nothing may fail for it
                self.failures += len(topics)
                if not broken:
                    _log.warning("rings stay within this process for now: %s", error)
                broken = True
                if self._stopping.wait(_OPEN_SECONDS):
                    return
                with self._lock:  # by now everybody has looked by itself
                    self.failures += len(self._waiting)
                    self._waiting = set()
            else:
                if broken and topics:
                    _log.warning("rings reach other processes again; %d were lost", self.failures)
                    broken = False

    def _publish(self, client: Redis, topics: Collection[str]) -> None:
        sorted_topics = sorted(topics)
        for start in range(0, len(sorted_topics), _TOPICS_AT_ONCE):
            some = sorted_topics[start : start + _TOPICS_AT_ONCE]
            client.publish(self._channel, json.dumps({"from": self._own_name, "topics": some}))
