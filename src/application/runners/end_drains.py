"""End drains: what still runs after a drain's deadline is cancelled."""

from dataclasses import dataclass

from ...domain.runners.availability import AvailabilityState
from ...domain.runners.ids import RunnerId
from ..jobs.seated_jobs import SeatedJobs
from ..ports.jobs import Change
from ..ports.rings import Rings, about_job, about_runner
from ..ports.work import Begin, Reading, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDrainsCommand:
    """Look at all runners."""


class EndDrains:
    """Keeps the deadlines of drains. Any number may do so at once."""

    def __init__(self, read: Begin[Reading], begin: Begin[RunnersWork], rings: Rings) -> None:
        self._read = read
        self._begin = begin
        self._rings = rings

    def execute(self, _command: EndDrainsCommand) -> int:
        """How many jobs were asked to end."""
        with self._read() as reading:
            now = reading.now()
            records = reading.runners.all(state=AvailabilityState.DRAINING)
        overdue = [item.runner.id for item in records if item.busy and item.runner.availability.overdue(now)]
        return sum(self._cancel_all(runner_id) for runner_id in overdue)

    def _cancel_all(self, runner_id: RunnerId) -> int:
        with self._begin() as work:
            now = work.now()
            if not work.runners.lock(runner_id).availability.overdue(now):
                return 0
            live = [job.id for job in work.reading.live_on(runner_id) if not job.cancel_requested]
            if not live:
                return 0
            seated = SeatedJobs.lock(work, live)
            seated.save_all([Change(job, job.cancelled(now=now)) for job in seated.jobs], now=now)
            work.commit()
        self._rings.ring({about_job(job_id) for job_id in live} | {about_runner(runner_id)} | seated.topics)
        return len(live)
