"""Adopt a runner: a driver takes it over, with all that runs there."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ...domain.accounts.ids import TokenId
from ...domain.jobs.job import Job
from ...domain.runners.agent import MachineFacts
from ...domain.runners.errors import RunnerDrivenElsewhere, Shown
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import DRIVER_LEASE, HEARTBEATS_PER_LEASE, Runner, RunnerKind
from ..jobs.seated_jobs import SeatedJobs
from ..ports.audit import DriversWork
from ..ports.jobs import Change
from ..ports.work import Begin
from .alarming import alarm
from .authenticate_agent import RunnerActor
from .by_itself import OPENING


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRunnerCommand:
    """Which runner, and who will drive it; an agent does so `by` itself, and says what its machine is."""

    runner_id: RunnerId
    driver_id: DriverId
    facts: MachineFacts | None = None
    by: RunnerActor | None = None

    @property
    def pass_id(self) -> TokenId | None:
        """What an agent presented."""
        return self.by.pass_id if self.by else None

    @property
    def address(self) -> str | None:
        """Where an agent speaks from."""
        return self.by.address if self.by else None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a driver asks for work that nobody rang for, and looks at the books while something lives there, and
    while nothing does; in seconds.
    """

    claim: float
    look: float
    idle_look: float


_TWO: Final = "another process wanted to run its attempts while one does: there is a copy of the machine or its folder"
OF_AGENTS: Final = Pace(claim=3600.0, look=10.0, idle_look=3600.0)
"""They hear of everything by waiting for it; what is not heard is for what nobody thought of."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """The runner under its new epoch, how many attempts were adopted, and how often the lease wants to be renewed.

    `pace`: None is that of whoever sits beside the books.
    """

    runner: Runner
    attempts: int
    heartbeat_seconds: float
    pace: Pace | None = None


class AdoptRunner:
    """One transaction: the driver's lease, and a new fence for every live attempt there.

    What was never armed is given back free of charge: nobody can start it any more.
    """

    def __init__(self, begin: Begin[DriversWork], lease: timedelta = DRIVER_LEASE) -> None:
        self._begin = begin
        self._lease = lease

    def execute(self, command: AdoptRunnerCommand) -> Adopted:
        """The takeover, or `RunnerDrivenElsewhere` while another driver's lease lasts."""
        with self._begin() as work:
            now = work.now()
            found = work.runners.lock(command.runner_id)
            lease = found.driver_lease(self._lease)
            try:
                runner = found.taken_over(command.driver_id, now=now, ttl=lease).seen_as(command.facts, now=now)
            except RunnerDrivenElsewhere as refused:
                shown = Shown(why="runner_driven_elsewhere", runner_id=found.id, pass_id=command.pass_id)
                told = alarm(work, found, _TWO, refused=OPENING, shown=shown, address=command.address)
                if told:
                    work.commit()
                refused.shown = replace(shown, told=told)
                raise
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
        pace = OF_AGENTS if runner.kind is RunnerKind.AGENT else None
        return Adopted(runner, adopted_attempts, lease.total_seconds() / HEARTBEATS_PER_LEASE, pace)
