"""Renew attempts: their host was heard of, so their leases count anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ...domain.errors import RunyardError
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.job import Job
from ...domain.runners.ids import RunnerId
from ..ports.jobs import Change
from ..ports.rings import Rings, about_job
from ..ports.work import Begin, JobsWork


@dataclass(frozen=True, slots=True)
class Renewal:
    """An attempt that its host said it runs, under the fence its driver knows."""

    ref: AttemptRef
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewAttemptsCommand:
    """Any number of attempts. `of`: the runner that runs them, if it may not speak for others."""

    renewals: Sequence[Renewal]
    of: RunnerId | None = None


class RenewAttempts:
    """Moves leases on. Only when this has returned may a host be told: what it is told is the time it has."""

    def __init__(self, begin: Begin[JobsWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: RenewAttemptsCommand) -> list[AttemptRef]:
        """The attempts whose lease lasts anew, durably; not one that ended, changed hands or has no lease."""
        wanted = {renewal.ref.job_id: renewal for renewal in command.renewals}
        with self._begin() as work:
            jobs = work.jobs.lock(wanted.keys())
            now = work.now()
            pairs = [(job, _renewed(job, wanted[job.id], command.of, now)) for job in jobs]
            changes = [Change(before, after) for before, after in pairs if after is not None]
            work.jobs.save_all(changes)
            work.commit()
        back = {about_job(change.after.id) for change in changes if change.before.reason != change.after.reason}
        if back:
            self._rings.ring(back)
        return [change.after.ref for change in changes]


def _renewed(job: Job, renewal: Renewal, of: RunnerId | None, now: datetime) -> Job | None:
    try:
        until = job.expecting(renewal.ref, renewal.fence, on=of).current.renewable(now)
    except RunyardError:
        return None
    return job.renewed(until) if until else None
