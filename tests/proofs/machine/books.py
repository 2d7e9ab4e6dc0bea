"""The model: the life of a job in plain words, written without the domain, to be compared with it.

A refusal is the code of the error. Times are seconds of the clock that everybody shares.
"""

from copy import deepcopy
from dataclasses import dataclass, field

WAITING, LIVE = ("pending", "queued"), ("claimed", "running", "finishing")
CRASHES = 3
LEASE = 15.0


class Refused(Exception):
    """`code` is the public code of the error that the real thing raises."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass
class Asked:
    """What the model knows of a spec."""

    wait: float = 0.0
    queue_timeout: float | None = None
    total_timeout: float | None = None
    tries: int = 1
    once: bool = False
    priority: int = 0


@dataclass
class End:
    """A recorded exit: its code, and how much the attempt wrote (None: nobody knows)."""

    code: int
    size: int | None


@dataclass
class Entry:
    """One job."""

    asked: Asked
    eligible: float
    claim_by: float | None
    end_by: float | None
    state: str = "queued"
    number: int = 0
    fence: int = 0
    boot: str = ""
    failures: int = 0
    crashes: int = 0
    cancelling: bool = False
    exit: End | None = None
    logs: dict[int, bytes] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def log(self) -> bytes:
        return self.logs.get(self.number, b"")

    @property
    def limit(self) -> float | None:
        """When waiting ends."""
        limits = [self.end_by] if self.number else [self.end_by, self.claim_by]
        return min((limit for limit in limits if limit is not None), default=None)

    def due(self, now: float) -> bool:
        moments = [self.limit, self.eligible if self.state == "pending" else None]
        return self.state in WAITING and any(moment is not None and moment <= now for moment in moments)

    def wake(self, now: float) -> None:
        if self.due(now):
            self.state = "failed" if self.limit is not None and self.limit <= now else "queued"

    def lose(self, now: float) -> None:
        if self.state == "finishing":
            return self.settle(now, give_up=True)
        self.crashes += 1
        if self.cancelling:
            self.state = "cancelled"
        else:
            self.state = "failed" if self.asked.once or self.crashes >= CRASHES else "queued"
        return None

    def void(self, boot: str, now: float) -> None:
        if self.state != "claimed" or boot != self.boot:
            return self.lose(now)
        self.state = "cancelled" if self.cancelling else "queued"
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
            self.state = "cancelled"
        elif end.code == 0:
            self.state = "succeeded"
        elif self.failures < self.asked.tries and (self.end_by is None or again < self.end_by):
            self.state, self.eligible = "pending", again
        else:
            self.state = "failed"


class Books:
    """All jobs, and who drives the one runner."""

    def __init__(self, slots: int) -> None:
        self.jobs: dict[str, Entry] = {}
        self.slots = slots
        self.driver, self.epoch, self.until = "", 0, 0.0

    def copy(self) -> "Books":
        return deepcopy(self)

    def submit(self, job_id: str, asked: Asked, now: float) -> None:
        def after(seconds: float | None) -> float | None:
            return None if seconds is None else now + seconds

        entry = Entry(asked, now + asked.wait, after(asked.queue_timeout), after(asked.total_timeout))
        entry.state = "pending" if asked.wait else "queued"
        self.jobs[job_id] = entry

    def cancel(self, job_id: str) -> str:
        if job_id not in self.jobs:
            raise Refused("job-not-found")
        entry = self.jobs[job_id]
        if entry.state in WAITING:
            entry.state = "cancelled"
            entry.cancelling = True
        elif entry.live:
            entry.cancelling = True
        return entry.state

    def adopt(self, driver: str, now: float) -> int:
        if self.driver not in {"", driver} and self.until > now:
            raise Refused("runner-driven-elsewhere")
        self.driver, self.epoch, self.until = driver, self.epoch + 1, now + LEASE
        for entry in self.jobs.values():
            entry.fence += entry.live
        return sum(entry.live for entry in self.jobs.values())

    def renew(self, epoch: int, now: float) -> None:
        self._driven(epoch)
        self.until = now + LEASE

    def assign(self, epoch: int, most: int, boot: str, now: float) -> list[str]:
        """Which jobs get a slot, by rank; those that waited too long get their end instead."""
        self._driven(epoch)
        wanted = min(self.slots - sum(entry.live for entry in self.jobs.values()), most)
        queue = [job_id for job_id, entry in self.jobs.items() if entry.state == "queued"]
        queue.sort(key=lambda job_id: (self.jobs[job_id].eligible - 60 * self.jobs[job_id].asked.priority, job_id))
        taken = queue[: max(0, wanted)]
        for job_id in taken:
            entry = self.jobs[job_id]
            entry.wake(now)
            if entry.state == "queued":
                entry.state, entry.number, entry.fence = "claimed", entry.number + 1, entry.fence + 1
                entry.boot, entry.exit = boot, None
        return [job_id for job_id in taken if self.jobs[job_id].live]

    def sweep(self, now: float) -> int:
        due = [entry for entry in self.jobs.values() if entry.due(now)]
        for entry in due:
            entry.wake(now)
        return len(due)

    def live(self, job_id: str, number: int, fence: int) -> Entry:
        """Whom a report is about, if it counts."""
        entry = self.jobs.get(job_id)
        if entry is None or not entry.live or (number, fence) != (entry.number, entry.fence):
            raise Refused("stale-attempt")
        return entry

    def started(self, entry: Entry) -> None:
        if entry.state != "claimed":
            raise Refused("illegal-transition")
        entry.state = "running"

    def append(self, entry: Entry, offset: int, data: bytes, now: float) -> int:
        if offset > len(entry.log):
            raise Refused("log-gap")
        fresh = data[len(entry.log) - offset :]
        entry.logs[entry.number] = entry.log + fresh
        entry.settle(now)
        return len(entry.log)

    def _driven(self, epoch: int) -> None:
        if epoch != self.epoch:
            raise Refused("driver-lost")
