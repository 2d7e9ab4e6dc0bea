"""Defences that can be switched off, to see that somebody notices: a proof that cannot fail proves nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from math import inf
from typing import Any, Final

from runyard.adapters.memory.directory import Directory
from runyard.adapters.memory.host import MemoryHost
from runyard.adapters.memory.state import State
from runyard.adapters.memory.store import MemoryStore
from runyard.adapters.memory.submission_keys import MemorySubmissionKeys
from runyard.application.jobs.drive import Drive
from runyard.application.jobs.execute_jobs import ExecuteJobs
from runyard.application.jobs.sweep_jobs import SweepJobs
from runyard.application.jobs.sweep_leases import SweepLeases, SweepLeasesCommand
from runyard.application.ports.executor import Hello, Output, Receipt, StartOrder
from runyard.application.ports.jobs import Change
from runyard.domain.jobs import job as job_module
from runyard.domain.jobs.decisions import after_loss
from runyard.domain.jobs.errors import StaleAttempt
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.log import LogChunk, LogHead
from runyard.domain.runners.runner import Runner
from runyard.entrypoints.worker import driving

from .rules import IN_SQL, RULES, Switch


def _any_fence(self: Job, ref: Any, fence: int, **_: Any) -> Job:
    if not self.live or self.attempt is None or ref != self.ref:
        raise StaleAttempt(ref)
    return self


def _any_attempt(self: Job, ref: Any, fence: int, **_: Any) -> Job:
    if not self.live or fence != self.fence:
        raise StaleAttempt(ref)
    return self


def _no_flag(self: Job, *, now: Any) -> Job:
    return _CANCELLED(self, now=now) if not self.live else self


def _any_epoch(self: Runner, epoch: int) -> Runner:
    return self


def _no_new_fence(self: Job) -> Job:
    return self


def _again_and_again(self: LogHead, chunk: LogChunk) -> tuple[LogHead, LogChunk]:
    fresh = replace(chunk, offset=self.stored)
    return replace(self, stored=fresh.end), fresh


def _free_of_charge(self: Job, *, now: Any, why: str, tree_empty: bool | None = None, **how: Any) -> Job:
    return replace(_LOST(self, now=now, why=why, tree_empty=tree_empty, **how), crashes=self.crashes)


def _whatever_was_asked(*values: Any, **named: Any) -> Any:
    return _AFTER_LOSS(*values, **{**named, "on_lost": OnLost.RETRY})


_CANCELLED, _LOST, _AFTER_LOSS = Job.cancelled, Job.lost, after_loss

DEFENCES: Final[dict[str, Switch]] = {
    "the fence is compared": (Job, "expecting", _any_fence),
    "the attempt is compared": (Job, "expecting", _any_attempt),
    "a cancel of a running job is kept": (Job, "cancelled", _no_flag),
    "an old driver claims nothing": (Runner, "driven_under", _any_epoch),
    "an adoption changes the fence": (Job, "adopted", _no_new_fence),
    "output goes where it belongs": (LogHead, "extended", _again_and_again),
    "what may start once does not start again": (job_module, "after_loss", _whatever_was_asked),
    "losses are counted": (Job, "lost", _free_of_charge),
}
"""What may be switched off: the class, the method, and the method without the defence."""


def _starts_again(self: MemoryHost, hello: Hello, order: StartOrder) -> Any:
    self._directories.pop(order.ref, None)
    return _START(self, hello, order)


def _forgets_at_once(self: MemoryHost) -> None:
    self._directories = {ref: kept for ref, kept in self._directories.items() if not kept.forgotten}


def _any_hello(self: MemoryHost, hello: Hello, order: StartOrder) -> Any:
    self._hellos[hello.nonce] = self.boottime
    return _START(self, hello, order)


def _acknowledges_first(self: ExecuteJobs, drive: Drive, outputs: Sequence[Output]) -> None:
    self._host.acknowledge([Receipt(output.ref, output.chunk.end) for output in outputs])
    _STORE_OUTPUT(self, drive, outputs)


def _looks_nowhere(self: ExecuteJobs, drive: Drive) -> None:
    return None


def _forgets_now_and_then(self: MemoryStore, state: State) -> None:
    if sum(job.version for job in state.jobs.values()) % 50 != 49:
        self._published = state


def _stands_up_at_once(self: Job, *, now: Any) -> Job:
    return replace(_CANCELLED(self, now=now), seat=None)


_START, _STORE_OUTPUT = MemoryHost.start, ExecuteJobs._store_output

IN_TIME: Final[dict[str, Switch]] = {
    "an attempt starts once on a host": (MemoryHost, "start", _starts_again),
    "an attempt that ended is remembered for a while": (MemoryHost, "_purge", _forgets_at_once),
    "output is stored before it is acknowledged": (ExecuteJobs, "_store_output", _acknowledges_first),
    "drivers look at the books": (ExecuteJobs, "_look", _looks_nowhere),
    "waiting jobs are swept": (SweepJobs, "execute", lambda _self, _command: 0),
    "a cancel of a running job is kept": (Job, "cancelled", _no_flag),
    "repeated submissions are recognised": (MemorySubmissionKeys, "reserve", lambda _self, wanted: list(wanted)),
    "a start is in time for its hello": (MemoryHost, "start", _any_hello),
    "what was committed stays": (MemoryStore, "_publish", _forgets_now_and_then),
    "drivers claim though nobody rings": (driving, "_CLAIM_SECONDS", inf),
    "a seat is kept until the end was seen": (Job, "cancelled", _stands_up_at_once),
    **{
        rule: RULES[rule]
        for rule in (
            "a free seat goes to who waits",
            "a paused queue is not claimed from",
            "a job runs only where it may",
        )
    },
}
"""What shows only where time passes, messages are late and processes die; and some of the rules there, too."""


def _lost_with_its_driver(self: SweepLeases, command: SweepLeasesCommand) -> int:
    with self._begin() as work:
        now = work.now()
        live = [job for job in work.jobs.lock(work.leases.lapsed(now + _LEASES, 500)) if job.live]
        work.jobs.save_all([Change(job, job.lapsed(now=now + _LEASES)) for job in live])
        work.commit()
    return 0


_LEASES = timedelta(seconds=60)

WHILE_ALONE: Final[dict[str, Switch]] = {
    "a host ends what nobody renews": (Directory, "_alone", property(lambda _: (inf, inf))),
    "nothing is lost before its lease has ended": (SweepLeases, "execute", _lost_with_its_driver),
}
"""What shows only where hosts, drivers and the database are apart for longer than a lease."""


SWITCHES: Final = DEFENCES | RULES | IN_SQL | IN_TIME | WHILE_ALONE


@contextmanager
def without(defence: str) -> Iterator[None]:
    """The code without this defence, for as long as the block lasts."""
    where, name, instead = SWITCHES[defence]
    kept = getattr(where, name)
    setattr(where, name, instead)
    try:
        yield
    finally:
        setattr(where, name, kept)
