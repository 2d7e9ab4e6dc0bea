"""How much is done to an installation, and in which order: all of it from a seed."""

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, cast

Redis = Literal["struck", "flushed", "stopped"]

LEASE = 3.0
"""Seconds of a driver's lease during chaos, so that takeovers are many."""
_JOBS_A_SECOND = 30
"""What two cores run beside the blows: blows come as slowly as the jobs between two of them need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many jobs, and so many blows of each sort.

    `kills` are `kill -9`, of whatever process; `stops` are SIGSTOPs for longer than whoever waits is patient;
    `restarts` are those of PostgreSQL, at once, or of `runyard up`, in good order; `cuts` end all connections to the
    database. `redis` is struck now and then, flushed every second, or stopped all the time.
    """

    jobs: int = 60
    kills: int = 8
    stops: int = 1
    restarts: int = 1
    cuts: int = 1
    seed: int = 1
    redis: Redis = "struck"

    @classmethod
    def asked(cls, environment: Mapping[str, str] = os.environ, **usual: int) -> Self:
        """As `make chaos` says, which passes JOBS as RUNYARD_JOBS and so on; `usual` counts where it says nothing."""

        def number(name: str, usually: int) -> int:
            return int(environment.get(f"RUNYARD_{name.upper()}") or usual.get(name, usually))

        least = cls()
        kills, redis = number("kills", least.kills), environment.get("RUNYARD_REDIS") or least.redis
        if redis not in ("struck", "flushed", "stopped"):
            raise ValueError(f"REDIS={redis}: it can be struck, flushed or stopped")
        return cls(
            jobs=number("jobs", least.jobs),
            kills=kills,
            stops=number("stops", least.stops),
            restarts=number("restarts", least.restarts),
            cuts=number("cuts", max(least.cuts, kills // 5)),
            seed=number("seed", least.seed),
            redis=cast("Redis", redis),
        )

    def order(self, wanted: Mapping[str, int]) -> list[str]:
        """So many blows of each name, shuffled."""
        blows = [name for name, times in wanted.items() for _ in range(times)]
        random.Random(self.seed).shuffle(blows)  # noqa: S311 - a seed must give the same blows again
        return blows

    def pause(self, blows: int) -> float:
        """Seconds between two blows, on average."""
        return max(1.0, self.jobs / max(1, blows) / _JOBS_A_SECOND)


def shared_out(total: int, shares: Mapping[str, int]) -> dict[str, int]:
    """The total, divided by shares; the first names are served first where it does not come out even."""
    whole = sum(shares.values())
    given = {name: total * share // whole for name, share in shares.items()}
    left = total - sum(given.values())
    for name in sorted(shares, key=lambda each: given[each] * whole - total * shares[each])[:left]:
        given[name] += 1
    return given
