"""A broker within this process, and its worker."""

from dramatiq import Worker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Callbacks, Retries, ShutdownNotifications, TimeLimit

_TIME_LIMIT_MS = 30_000
_AGE_LIMIT_MS = 120_000


def in_process_broker() -> StubBroker:
    """A broker that lives and dies with this process; the one that is global to Dramatiq stays unset."""
    return StubBroker(
        middleware=[
            AgeLimit(max_age=_AGE_LIMIT_MS),
            TimeLimit(time_limit=_TIME_LIMIT_MS),
            ShutdownNotifications(),
            Callbacks(),
            Retries(max_retries=0),
        ]
    )


class InProcessWorker:
    """Runs what the broker carries, in two threads of this process."""

    def __init__(self, broker: StubBroker) -> None:
        self._broker = broker
        self._worker = Worker(broker, worker_threads=2, worker_timeout=100)

    def start(self) -> None:
        """Start the threads. Time limits need the boot event, which only a worker of its own process emits."""
        self._broker.emit_after("process_boot")
        self._worker.start()

    def stop(self) -> None:
        """End the threads; what was not begun is left to the next tick."""
        self._worker.stop(timeout=2_000)
        self._broker.close()
