"""Look after runners: what still runs after a drain's deadline is cancelled; who falls silent, and what is left of a
drain, is told.
"""

from contextlib import suppress
from dataclasses import dataclass

from ...domain.runners.agent import ONLINE_FOR
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.ids import RunnerId
from ..jobs.seated_jobs import SeatedJobs
from ..ports.jobs import Change
from ..ports.rings import Rings, about_job, about_runner
from ..ports.work import Begin, Reading, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAfterRunnersCommand:
    """Look at all runners."""


class LookAfterRunners:
    """Keeps the deadlines of drains, and notices what nobody says: silence. Any number may do so at once."""

    def __init__(self, read: Begin[Reading], begin: Begin[RunnersWork], rings: Rings) -> None:
        self._read = read
        self._begin = begin
        self._rings = rings

    def execute(self, _command: LookAfterRunnersCommand) -> int:
        """How many jobs were asked to end."""
        with self._read() as reading:
            now = reading.now()
            draining = reading.runners.all(state=AvailabilityState.DRAINING)
            silent = reading.runners.silent(now, now - ONLINE_FOR)
        overdue = [item.runner.id for item in draining if item.busy and item.runner.availability.overdue(now)]
        cancelled = sum(self._cancel_all(runner_id) for runner_id in overdue)
        told = {item.runner.id for item in draining if item.runner.noticed(now, item.busy) != item.runner}
        for runner_id in sorted(told | {each.id for each in silent if each.noticed(now) != each}):
            self._notice(runner_id)
        return cancelled

    def _notice(self, runner_id: RunnerId) -> None:
        """As it is now, which may be another thing than a moment ago; or it was removed meanwhile."""
        with suppress(RunnerNotFound), self._begin() as work:
            runner, now = work.runners.lock(runner_id), work.now()
            noticed = runner.noticed(now, work.reading.count_live_on(runner_id))
            if noticed != runner:
                work.runners.save(noticed)
                work.commit()

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
