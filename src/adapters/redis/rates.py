"""Buckets that all processes share: each takes from its own, and a thread puts them together."""

from collections.abc import Mapping, Sequence
from itertools import islice
from logging import getLogger
from threading import Event, Lock, Thread
from typing import Any, Final

from ...application.ports.rates import OwnRates
from ...domain.rates.rate import Rate, Taken
from .connecting import connected

_EVERY_SECONDS: Final = 0.1
_OPEN_SECONDS: Final = 5.0
"""So long nothing is tried after a failure."""
_NAMES_AT_ONCE: Final = 500
_MOST_UNTOLD: Final = 10_000
_MICRO: Final = 1_000_000
# A key holds the moment, by the clock of Redis, at which its bucket is full. Nobody owes more than two windows.
_SCRIPT: Final = """\
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local told = {}
for i, key in ipairs(KEYS) do
  local full = tonumber(redis.call('GET', key)) or now
  full = math.max(now, math.min(math.max(full, now) + ARGV[2 * i - 1], now + ARGV[2 * i]))
  redis.call('SET', key, string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
  told[i] = string.format('%.0f', full - now)
end
return told
"""

_log = getLogger(__name__)


class RedisRates:
    """Whoever takes never waits for Redis: what was taken here is told there ten times a second, and the answer says
    what the others have taken. While Redis does not answer each process counts by itself.
    """

    def __init__(self, url: str, here: OwnRates) -> None:
        self._client = connected(url)
        self._prefix = f"runyard:{self._client.connection_pool.connection_kwargs.get('db', 0)}:rates:"
        self._script = self._client.register_script(_SCRIPT)
        self._here = here
        self._lock = Lock()
        self._untold: dict[str, tuple[float, float]] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="rates", daemon=True)

    def start(self) -> None:
        """Begin to share."""
        self._thread.start()

    def stop(self) -> None:
        """Share no more."""
        self._stopping.set()
        self._thread.join(_EVERY_SECONDS + 1)
        self._client.close()

    def take(self, name: str, rate: Rate, amount: float = 1.0) -> Taken:
        taken = self._here.take(name, rate, amount)
        if taken.granted and amount:
            with self._lock:
                before, _ = self._untold.get(name, (0.0, 0.0))
                if before or len(self._untold) < _MOST_UNTOLD:
                    self._untold[name] = (before + amount / rate.per_second, 2 * rate.window)
        return taken

    def _run(self) -> None:
        broken = False
        while not self._stopping.wait(_OPEN_SECONDS if broken else _EVERY_SECONDS):
            with self._lock:
                untold, self._untold = self._untold, {}
            if not untold:
                continue
            try:
                self._share(untold)
            except Exception as error:  # noqa: BLE001 - whatever it is, everybody counts by himself
                if not broken:
                    _log.warning("rates are counted by each process for itself for now: %s", error)
                broken = True
            else:
                if broken:
                    _log.warning("rates are shared with other processes again")
                broken = False

    def _share(self, untold: Mapping[str, tuple[float, float]]) -> None:
        names = iter(untold)
        while some := [*islice(names, _NAMES_AT_ONCE)]:
            full_in = self._told([(name, *untold[name]) for name in some])
            with self._lock:
                since = {name: self._untold.get(name, (0.0, 0.0))[0] for name in some}
            self._here.learn({name: full_in[name] + since[name] for name in some})

    def _told(self, takes: Sequence[tuple[str, float, float]]) -> dict[str, float]:
        """In how many seconds each is full, after telling how many seconds' worth were taken."""
        amounts: list[Any] = [round(value * _MICRO) for _, seconds, most in takes for value in (seconds, most)]
        told: Any = self._script(keys=[self._prefix + name for name, _, _ in takes], args=amounts)
        return {name: int(micro) / _MICRO for (name, _, _), micro in zip(takes, told, strict=True)}
