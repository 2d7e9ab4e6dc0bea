"""Who sees everything and says when a promise is broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.states import JobState
from tests.builders import NOON

if TYPE_CHECKING:
    from .host import Host, Tree


class PromiseBroken(AssertionError):
    """`promise` is one of those listed at `Judge`."""

    def __init__(self, promise: str, story: str) -> None:
        self.promise = promise
        super().__init__(f"{promise}: {story}")


@dataclass
class Judge:
    """What is promised. P4, P6 and P8 are asked for by whoever arranged the faults, the others always hold.

    P1: one execution per attempt, ever. P2: two trees of one job never run at once. P3: a recorded exit is the
    job's, if its host was heard in time. P4: no tree is ended for want of a driver while faults are small. P5:
    at most one live attempt per job, fences and numbers only grow, an end never changes. P6: every job ends.
    P7: nothing is armed or claimed after a cancel. P8: jobs survive the absence of all servers. P9: logs are
    exact. ONCE: `on_lost=fail` without retries executes at most once.
    """

    now: float = 0.0
    executed: dict[AttemptRef, str] = field(default_factory=dict)
    once: set[JobId] = field(default_factory=set)
    exits: dict[AttemptRef, int] = field(default_factory=dict)
    strict_exits: bool = False
    starts: int = 0
    adoptions: int = 0
    voids: int = 0
    losses: int = 0
    deadman: int = 0

    def says(self, promise: str, story: str) -> PromiseBroken:
        return PromiseBroken(promise, f"at {self.now:.0f}: {story}")

    def execution(self, ref: AttemptRef, host: str) -> None:
        self.starts += 1
        if ref in self.executed:
            raise self.says("P1", f"{ref} runs again on {host}; it ran on {self.executed[ref]}")
        if ref.job_id in self.once and any(known.job_id == ref.job_id for known in self.executed):
            raise self.says("ONCE", f"{ref} is another start of a job that must not be started twice")
        self.executed[ref] = host

    def running(self, hosts: "list[Host]") -> None:
        """Two trees of one job, on hosts that are not frozen."""
        seen: dict[JobId, Tree] = {}
        for host in hosts:
            for tree in host.running():
                other = seen.setdefault(tree.ref.job_id, tree)
                if other is not tree:
                    raise self.says("P2", f"{tree.ref} runs on {host.name} beside {other.ref}")

    def committed(
        self, before: Mapping[JobId, Job], after: Mapping[JobId, Job], logs: Mapping[AttemptRef, bytes]
    ) -> None:
        for job_id, job in after.items():
            old = before.get(job_id)
            if old is not job and old is not None:
                self._books(old, job)
                self._cancel(old, job)
                self._exit(old, job, logs)

    def _books(self, old: Job, job: Job) -> None:
        if old.finished and job != old:
            raise self.says("P5", f"{job.id} was {old.state} and changed")
        if job.fence < old.fence or job.live != (job.attempt is not None and job.attempt.live):
            raise self.says("P5", f"{job.id} has fence {job.fence} after {old.fence}, state {job.state}")
        number, before = (job.attempt.number if job.attempt else 0), (old.attempt.number if old.attempt else 0)
        if number != before and (number != before + 1 or (old.attempt and old.attempt.live)):
            raise self.says("P5", f"{job.id} has attempt {number} beside {before}")

    def _cancel(self, old: Job, job: Job) -> None:
        if old.cancel_requested and not job.cancel_requested:
            raise self.says("P7", f"the cancel of {job.id} was forgotten")
        if old.cancel_requested and job.attempt != old.attempt and job.attempt and old.attempt:
            newly_armed = job.attempt.armed and not old.attempt.armed
            if newly_armed or job.attempt.number != old.attempt.number:
                raise self.says("P7", f"{job.ref} got its chance after the cancel")

    def _exit(self, old: Job, job: Job, logs: Mapping[AttemptRef, bytes]) -> None:
        attempt, ref = job.attempt, old.attempt and old.ref
        if not attempt or not ref or not old.live or job.live:
            return
        lost = job.crashes > old.crashes
        self.losses += lost
        heard_in_time = self.strict_exits or self.executed.get(ref, "").startswith("local")
        if lost and heard_in_time and ref in self.exits:
            raise self.says("P3", f"{ref} had ended with {self.exits[ref]} and was called lost")
        if job.state is JobState.SUCCEEDED and self.exits.get(ref) != 0:
            raise self.says("P3", f"{ref} succeeded, but its exit was {self.exits.get(ref)}")
        if lost or not attempt.log_complete or not attempt.outcome or attempt.outcome.ending is Ending.RELEASED:
            return
        stored, size = len(logs.get(ref, b"")), attempt.outcome.log_size
        if size is not None and stored != size:
            raise self.says("P9", f"{ref} ended with {stored} of {size} bytes")

    def stored(self, ref: AttemptRef, log: bytes) -> None:
        if log != written(ref, 0, len(log)):
            raise self.says("P9", f"the log of {ref} is not what was written")

    def no_tree_was_ended(self) -> None:
        """P4, asked where faults are small."""
        if self.deadman:
            raise self.says("P4", f"{self.deadman} trees were ended though somebody could have kept them")

    def submitted(self, job: Job) -> None:
        if job.on_lost is OnLost.FAIL and job.retry.max_attempts == 1:
            self.once.add(job.id)


def written(ref: AttemptRef, start: int, end: int) -> bytes:
    """What the attempt writes: no two neighbours are alike, so a gap or a repeat shows."""
    return bytes((ref.number * 7 + at) % 251 for at in range(start, end))


def moment(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
