"""Lanes and concurrency keys that nobody needs any more."""

from typing import Any

from .state import State


class MemoryLeftovers:
    """The whole store is held by one unit of work at a time."""

    def __init__(self, state: State) -> None:
        self._state = state

    def forget_lanes(self, most: int) -> int:
        return _forget(self._state.lanes, {job.lane for job in self._state.jobs.values() if not job.finished}, most)

    def forget_keys(self, most: int) -> int:
        unfinished = (job.concurrency for job in self._state.jobs.values() if not job.finished)
        return _forget(self._state.limits, {asked.line for asked in unfinished if asked}, most)


def _forget(rows: dict[str, Any], needed: set[str], most: int) -> int:
    unneeded = sorted(rows.keys() - needed)[:most]
    for key in unneeded:
        del rows[key]
    return len(unneeded)
