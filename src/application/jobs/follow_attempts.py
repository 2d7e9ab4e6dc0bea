"""Follow attempts: what the books say lives on a runner, for the driver that follows it on the host."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner
from ..ports.work import Begin, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAttemptsCommand:
    """The runner, the epoch its driver drives it under, and the fences of the attempts that are followed already."""

    runner_id: RunnerId
    epoch: int
    known: Mapping[AttemptRef, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAttempt:
    """An attempt that lives in the books, and what is wished of it. `version` orders pauses and resumes.

    `stored` is how far its output is kept; None for one that is followed already.
    """

    ref: AttemptRef
    fence: int
    version: int
    stored: int | None
    cancel: bool = False
    paused: bool = False
    running: bool = False
    leased: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """The runner as it is now, and all that lives there."""

    runner: Runner
    live: Mapping[AttemptRef, LiveAttempt]


class FollowAttempts:
    """Reads, and changes nothing."""

    def __init__(self, read: Begin[Reading]) -> None:
        self._read = read

    def execute(self, command: FollowAttemptsCommand) -> Followed:
        """What lives there; `DriverLost` after a takeover."""
        with self._read() as reading:
            # Taken over, these fences are another driver's: to learn them would be to get past them.
            runner = reading.runners.get(command.runner_id).runner.driven_under(command.epoch)
            live = reading.jobs.live_on(command.runner_id)
            unknown = [job.ref for job in live if command.known.get(job.ref) != job.fence]
            stored = reading.logs.stored(unknown)
        return Followed(runner, {job.ref: _told(job, stored.get(job.ref)) for job in live})


def _told(job: Job, stored: int | None) -> LiveAttempt:
    return LiveAttempt(
        ref=job.ref,
        fence=job.fence,
        version=job.version,
        stored=stored,
        cancel=job.cancel_requested,
        paused=job.state is JobState.PAUSED,
        running=job.state is JobState.RUNNING,
        leased=job.current.lease is not None,
    )
