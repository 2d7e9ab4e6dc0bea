"""What the simulated jobs are, and what they write."""

from random import Random
from typing import Any

from runyard.adapters.memory.scripted import Exit, Print, Program, Sleep
from runyard.application.ports.executor import StartOrder
from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.jobs.lanes import ANYWHERE, Placement
from runyard.domain.jobs.limits import Backoff, OnLost, Replacement, RetryPolicy
from runyard.domain.jobs.spec import Command


def written(ref: AttemptRef, size: int) -> bytes:
    """What this attempt writes: no two attempts write the same, and a gap or a repeat shows."""
    seed = sum(ref.job_id.encode()) + ref.number * 7
    return bytes((seed + at) % 251 for at in range(size))


def asked(command: Command) -> tuple[float, int, int]:
    """Seconds of work, bytes of output, exit code."""
    _, seconds, size, code = list(command)
    return float(seconds), int(size), int(code)


def program(order: StartOrder) -> Program:
    """Writes half, works, writes the other half, exits."""
    seconds, size, code = asked(order.command)
    output = written(order.ref, size)
    half = len(output) // 2
    return (Print(output[:half]), Sleep(seconds), Print(output[half:]), Exit(code))


PROJECTS = ("default", "default", "lab")
OWNERS = ("ann", "bob", "cyd")
QUEUES = ("default", "default", "night")
SEATS = {"deploy": 1, "backup": 1, "licence": 2}
"""The keys, and the seats of each in each project; nobody ever asks for more."""
FAST = {"disk": "fast"}
"""What the runner `two` has and the runner `one` has not."""
PLACES = (*[ANYWHERE] * 8, Placement(runner="one"), Placement(runner="two"), Placement(labels=FAST))


def a_job(dice: Random, name: str, *, leased: bool = False) -> dict[str, Any]:
    """A spec by chance; what has a lease often outlasts it, and may wait to be replaced until its end was seen."""
    key = dice.choice([*SEATS, *[None] * 7])
    concurrency = key and Concurrency(
        key=key, limit=SEATS[key], on_conflict=dice.choice(list(OnConflict)), max_waiting=dice.choice([2, 100])
    )
    seconds = dice.choice([0, 20, 600, 600, 600] if leased else [0, 1, 5, 20, 120])
    size, code = dice.choice([0, 1, 10, 200]), dice.choice([0, 0, 0, 1, 3])
    return {
        "command": ("work", str(seconds), str(size), str(code)),
        "name": name,
        "retry": RetryPolicy(max_attempts=dice.choice([1, 1, 2, 3]), backoff=Backoff(initial=1.0)),
        "on_lost": dice.choice(list(OnLost)),
        "priority": dice.choice([-1, 0, 1]),
        "project": dice.choice(PROJECTS),
        "owner": dice.choice(OWNERS),
        "queue": dice.choice(QUEUES),
        "placement": dice.choice(PLACES),
        "concurrency": concurrency,
        "run_timeout": dice.choice([None, None, 60.0]),
        "queue_timeout": dice.choice([None, None, None, 300.0]),
        "total_timeout": dice.choice([None, None, None, 900.0]),
        "grace_period": 2.0,
        **(
            {"replace": dice.choice([*Replacement, *[Replacement.AFTER_LEASE] * 2]), "run_timeout": None}
            if leased
            else {}
        ),
    }
