"""Leases of live attempts."""

from datetime import datetime

from ...domain.jobs.ids import JobId
from ...domain.jobs.job import UNREACHABLE
from ...domain.jobs.leases import LeaseWatch
from .state import State


class MemoryLeases:
    """Leases, to end."""

    def __init__(self, state: State) -> None:
        self._state = state

    def longest(self) -> int | None:
        leases = (job.current.lease for job in self._state.jobs.values() if job.live)
        return max((lease for lease in leases if lease is not None), default=None)

    def lapsed(self, now: datetime, most: int) -> list[JobId]:
        live = (job for job in self._state.jobs.values() if job.live and job.reason != UNREACHABLE)
        ended = sorted((job.current.lease_until or now, job.id) for job in live if job.current.lapsed(now))
        return [job_id for _, job_id in ended[:most]]

    def watch(self) -> LeaseWatch | None:
        return self._state.watches.get(0)

    def keep(self, watch: LeaseWatch) -> None:
        self._state.watches[0] = watch
