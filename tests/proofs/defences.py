"""Defences that can be switched off, to see that somebody notices: a proof that cannot fail proves nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from runyard.domain.jobs.errors import StaleAttempt
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import LogChunk, LogHead
from runyard.domain.runners.runner import Runner


def _any_fence(self: Job, ref: Any, fence: int) -> Job:
    if not self.live or self.attempt is None or ref != self.ref:
        raise StaleAttempt(ref)
    return self


def _any_attempt(self: Job, ref: Any, fence: int) -> Job:
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


def _free_of_charge(self: Job, *, now: Any, why: str, tree_empty: bool | None = None) -> Job:
    return replace(_LOST(self, now=now, why=why, tree_empty=tree_empty), crashes=self.crashes)


_CANCELLED, _LOST = Job.cancelled, Job.lost

DEFENCES: Final[dict[str, tuple[type, str, Callable[..., Any]]]] = {
    "the fence is compared": (Job, "expecting", _any_fence),
    "the attempt is compared": (Job, "expecting", _any_attempt),
    "a cancel of a running job is kept": (Job, "cancelled", _no_flag),
    "an old driver claims nothing": (Runner, "driven_under", _any_epoch),
    "an adoption changes the fence": (Job, "adopted", _no_new_fence),
    "output goes where it belongs": (LogHead, "extended", _again_and_again),
    "losses are counted": (Job, "lost", _free_of_charge),
}
"""What may be switched off: the class, the method, and the method without the defence."""


@contextmanager
def without(defence: str) -> Iterator[None]:
    """The code without this defence, for as long as the block lasts."""
    where, name, instead = DEFENCES[defence]
    kept = getattr(where, name)
    setattr(where, name, instead)
    try:
        yield
    finally:
        setattr(where, name, kept)
