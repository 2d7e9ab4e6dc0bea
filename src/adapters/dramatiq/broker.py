"""Brokers, within this process or on Redis, and the worker of this process."""

from typing import Final

import redis
from dramatiq import Broker, Middleware, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Callbacks, Retries, ShutdownNotifications, TimeLimit

_TIME_LIMIT_MS: Final = 30_000
_IN_PROCESS_AGE_MS: Final = 120_000
"""An errand may wait a minute for its moment here."""
_AGE_MS: Final = 30_000
_ANSWER_SECONDS: Final = 2.0
_CONNECT_SECONDS: Final = 1.0


def _middleware(age: int) -> list[Middleware]:
    return [
        AgeLimit(max_age=age),
        TimeLimit(time_limit=_TIME_LIMIT_MS),
        ShutdownNotifications(),
        Callbacks(),
        Retries(max_retries=0),
    ]


def in_process_broker() -> StubBroker:
    """A broker that lives and dies with this process; the one that is global to Dramatiq stays unset."""
    return StubBroker(middleware=_middleware(_IN_PROCESS_AGE_MS))


def redis_broker(url: str) -> RedisBroker:
    """A broker all processes share. Errands that are older than half a minute were done by a tick long ago."""
    client = redis.Redis.from_url(url, socket_timeout=_ANSWER_SECONDS, socket_connect_timeout=_CONNECT_SECONDS)
    middleware = _middleware(_AGE_MS)
    return RedisBroker(client=client, namespace="runyard", middleware=middleware)  # type: ignore[no-untyped-call]


class ControlWorker:
    """Runs what the broker carries, in `threads` threads of this process; twice as many errands are fetched ahead."""

    def __init__(self, broker: Broker, threads: int = 2) -> None:
        self._broker = broker
        self._worker = Worker(broker, worker_threads=threads, worker_timeout=100)

    def start(self) -> None:
        """Start the threads. Time limits need the boot event, which only a worker of its own process emits."""
        self._broker.emit_after("process_boot")
        self._worker.start()

    def stop(self) -> None:
        """End the threads; what was not begun is left to the next tick."""
        self._worker.stop(timeout=2_000)
        self._broker.close()
