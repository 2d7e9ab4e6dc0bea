"""Adopt a runner: a driver takes it over, with all that runs there."""

from dataclasses import dataclass
from datetime import timedelta

from ...domain.jobs.job import Job
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import DRIVER_LEASE, HEARTBEATS_PER_LEASE, Runner
from ..jobs.seated_jobs import SeatedJobs
from ..ports.jobs import Change
from ..ports.work import Begin, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRunnerCommand:
    """Which runner, and who will drive it."""

    runner_id: RunnerId
    driver_id: DriverId


@dataclass(frozen=True, slots=True)
class Adopted:
    """The runner under its new epoch, how many attempts were adopted, and how often the lease wants to be renewed."""

    runner: Runner
    attempts: int
    heartbeat_seconds: float


class AdoptRunner:
    """One transaction: the driver's lease, and a new fence for every live attempt there.

    What was never armed is given back free of charge: nobody can start it any more.
    """

    def __init__(self, begin: Begin[RunnersWork], lease: timedelta = DRIVER_LEASE) -> None:
        self._begin = begin
        self._lease = lease

    def execute(self, command: AdoptRunnerCommand) -> Adopted:
        """The takeover, or `RunnerDrivenElsewhere` while another driver's lease lasts."""
        with self._begin() as work:
            now = work.now()
            runner = work.runners.lock(command.runner_id).taken_over(command.driver_id, now=now, ttl=self._lease)
            seated = SeatedJobs.lock(work, [job.id for job in work.reading.live_on(runner.id)])
            # One may have ended, or moved on, between the look and the lock.
            live = [job for job in seated.jobs if job.live and job.current.runner_id == runner.id]

            def adopted(job: Job) -> Job:
                return job.adopted() if job.current.armed else job.released(now=now)

            changes = [Change(job, adopted(job)) for job in live]
            seated.save_all(changes, now=now)
            work.runners.save(runner)
            work.commit()
        adopted_attempts = sum(change.after.live for change in changes)
        return Adopted(runner, adopted_attempts, self._lease.total_seconds() / HEARTBEATS_PER_LEASE)
