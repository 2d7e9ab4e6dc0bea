"""The life of one job in plain words, written without the domain, to be compared with it.

A refusal is the code of the error. Times are seconds of the clock that everybody shares.
"""

from dataclasses import dataclass, field, replace

from .asked import Asked

WAITING, LIVE = ("pending", "queued"), ("claimed", "running", "paused", "finishing")
OVER = ("succeeded", "failed", "cancelled")
CRASHES = 3
MICRO = 1_000_000
POINT = 60 * MICRO
"""What a point of priority is worth."""


class Refused(Exception):
    """`code` is the public code of the error that the real thing raises."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass
class End:
    """A recorded exit: its code, and how much the attempt wrote (None: nobody knows)."""

    code: int
    size: int | None


@dataclass
class Entry:
    """One job. `line` while it waits for a seat of its key."""

    asked: Asked
    eligible: float
    claim_by: float | None
    end_by: float | None
    state: str = "queued"
    reason: str | None = None
    rank: int = 0
    line: bool = False
    seat: int | None = None
    runner: str = ""
    number: int = 0
    fence: int = 0
    boot: str = ""
    failures: int = 0
    crashes: int = 0
    cancelling: bool = False
    exit: End | None = None
    logs: dict[int, bytes] = field(default_factory=dict)

    def copy(self) -> "Entry":
        return replace(self, logs=dict(self.logs))

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def log(self) -> bytes:
        return self.logs.get(self.number, b"")

    @property
    def limit(self) -> float | None:
        """When waiting ends."""
        limits = [self.end_by] if self.number else [self.end_by, self.claim_by]
        return min((limit for limit in limits if limit is not None), default=None)

    def due(self, now: float) -> bool:
        asleep = self.state == "pending" and not self.line
        moments = [self.limit, self.eligible if asleep else None]
        return self.state in WAITING and any(moment is not None and moment <= now for moment in moments)

    def becomes(self, state: str, reason: str | None = None) -> None:
        self.state, self.reason, self.line = state, reason, False
        if self.over:
            self.seat = None

    def wake(self, now: float) -> bool:
        """Whether it now wants to stand in line."""
        if not self.due(now):
            return False
        if self.limit is not None and self.limit <= now:
            self.becomes("failed", "expired")
        elif self.asked.key is not None and self.seat is None:
            return True
        else:
            self.becomes("queued")
        return False

    def wait_until(self, moment: float) -> None:
        self.eligible = moment
        self.rank = round(moment * MICRO) - self.asked.priority * POINT

    def cancel(self) -> None:
        if self.over:
            return
        self.cancelling = True
        if self.state in WAITING:
            self.becomes("cancelled", "cancelled")

    def force(self) -> None:
        if not self.number:
            raise Refused("stale-attempt")
        if not self.live:
            raise Refused("illegal-transition")
        self.becomes("failed", "forced")

    def pause(self) -> None:
        if self.live and self.cancelling:
            raise Refused("job-being-cancelled")
        if self.state not in {"running", "paused"}:
            raise Refused("illegal-transition")
        self.becomes("paused")

    def resume(self) -> None:
        if self.state not in {"running", "paused"}:
            raise Refused("illegal-transition")
        self.becomes("running")

    def lose(self, now: float) -> None:
        if self.state == "finishing":
            return self.settle(now, give_up=True)
        self.crashes += 1
        if self.cancelling:
            self.becomes("cancelled", "cancelled")
        elif self.asked.once:
            self.becomes("failed", "lost")
        elif self.crashes >= CRASHES:
            self.becomes("failed", "crash_limit")
        else:
            self.becomes("queued")
        return None

    def void(self, boot: str, now: float) -> None:
        if self.state != "claimed" or boot != self.boot:
            return self.lose(now)
        if self.cancelling:
            self.becomes("cancelled", "cancelled")
        else:
            self.becomes("queued")
        return None

    def end(self, end: End, now: float) -> None:
        if self.state != "finishing":
            self.state, self.exit = "finishing", end
        self.settle(now)

    def settle(self, now: float, *, give_up: bool = False) -> None:
        """A recorded exit counts when the log is complete, or nothing more can come."""
        end = self.exit
        if self.state != "finishing" or end is None:
            return
        if not give_up and end.size is not None and len(self.log) < end.size:
            return
        self.failures += end.code != 0
        again = now + 2.0 * 2 ** (self.failures - 1)
        if self.cancelling:
            self.becomes("cancelled", "cancelled")
        elif end.code == 0:
            self.becomes("succeeded")
        elif self.failures < self.asked.tries and (self.end_by is None or again < self.end_by):
            self.becomes("pending", "backing_off")
            self.wait_until(again)
        else:
            self.becomes("failed", "exit_code")
