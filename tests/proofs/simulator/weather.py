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


CALM = Weather(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
BAD = Weather()
"""What a bad week brings within an hour."""
AROUND_STARTS = Weather(kill=0.002, pause=0.004, longest_pause=45.0, start_doubled=0.3, answer_lost=0.01)
"""Stopped and killed drivers, and messages that come late: this is where a second start would hide."""
EMPTY_LINES = Weather(kill=0.0001, pause=0.0001, ring_lost=1.0, ring_late=0.0)
"""No ring ever arrives."""


class Killed(BaseException):
    """Kill -9: nothing of the process runs on, no `except` and no answer."""
