"""How often things go wrong."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weather:
    """Chances: `kill` to `commit_failed` at each moment of a worker, the others as their names say."""

    kill: float = 0.0004
    pause: float = 0.0006
    longest_pause: float = 60.0
    swallowed: float = 0.004
    commit_failed: float = 0.002
    call_lost: float = 0.001
    answer_lost: float = 0.001
    start_doubled: float = 0.05
    ring_lost: float = 0.1
    ring_late: float = 0.05
    trouble_each: float = 60.0
    """Seconds between two troubles of another kind: a host away, a supervisor dead, the database away, …"""
    calls_each: float = 12.0
    """Seconds between two callers."""
    lease: float | None = None
    """Seconds a host goes on alone, if it is asked to end what nobody renews."""
    longest_trouble: float = 90.0
    troubles: tuple[str, ...] = ("kill", "cut", "host", "supervisor", "reboot", "database", "database")
    dead_for: float = 0.0
    """Seconds until a host is repaired that died with all it ran."""


CALM = Weather(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
BAD = Weather()
"""What a bad week brings within an hour."""
AROUND_STARTS = Weather(kill=0.002, pause=0.004, longest_pause=45.0, start_doubled=0.3, answer_lost=0.01)
"""Stopped and killed drivers, and messages that come late: this is where a second start would hide."""
EMPTY_LINES = Weather(kill=0.0001, pause=0.0001, ring_lost=1.0, ring_late=0.0)
"""No ring ever arrives."""

ALONE = Weather(
    kill=0.0002,
    calls_each=60.0,
    lease=1.0,
    longest_trouble=400.0,
    troubles=("kill", "cut", "host", "host", "death", "database"),
    dead_for=900.0,
)
"""Hosts, drivers and the database are apart for longer than the lease, the shortest there is, and hosts die."""


class Killed(BaseException):
    """Kill -9: nothing of the process runs on, no `except` and no answer."""
