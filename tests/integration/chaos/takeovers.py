"""How long a runner was without a driver, seen from outside: in the books."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event, Lock, Thread

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

_LOOK_SECONDS = 0.02
_RUNNERS = text("select id, driver_epoch, driver_id from runner")


@dataclass(frozen=True, slots=True)
class Driven:
    """A runner under a driver, as of a moment of the monotonic clock."""

    at: float
    runner: str
    epoch: int
    driver: str


class Takeovers:
    """Looks at the runners all the time, and knows who drove which since when."""

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)
        self._seen: list[Driven] = []
        self._lock, self._stop = Lock(), Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def driven_by(self, pid: int) -> Driven | None:
        """The runner that the process drives, if it drives one."""
        with self._lock:
            latest = {each.runner: each for each in self._seen}
        return next((each for each in latest.values() if each.driver.split(":")[1:2] == [str(pid)]), None)

    def adopted_after(self, since: float, runner: str) -> float | None:
        """How many seconds after that moment somebody else drove it."""
        with self._lock:
            after = [each.at for each in self._seen if each.runner == runner and each.at > since]
        return min(after) - since if after else None

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()
        self._engine.dispose()

    def _look(self) -> None:
        known: dict[str, int] = {}
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                with self._engine.connect() as connection:
                    rows = connection.execute(_RUNNERS).all()
            except DBAPIError:  # the database is away; so is everybody who could take over
                continue
            now = time.monotonic()
            for runner, epoch, driver in rows:
                if epoch and known.get(runner) != epoch:
                    known[runner] = epoch
                    with self._lock:
                        self._seen.append(Driven(now, runner, epoch, driver or ""))


def spread(seconds: Sequence[float]) -> str:
    """The middle, the 99th of a hundred, and the longest."""
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99))
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s, longest {ordered[-1]:.2f} s ({len(ordered)} of them)"
