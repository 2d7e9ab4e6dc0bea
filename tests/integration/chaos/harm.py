"""What was done to supervisors: it explains which attempts may have been lost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from runyard.domain.jobs.attempt import Attempt

_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Harm:
    """The supervisor of a runner was killed, or stood still until somebody killed it; seconds since the epoch."""

    runner: str
    begun: float
    over: float

    def explains(self, attempt: Attempt) -> bool:
        """Whether the attempt lived there and then."""
        begun, over = (datetime.fromtimestamp(at, UTC) for at in (self.begun, self.over))
        lived_until = attempt.ended_at or datetime.now(UTC)
        return attempt.runner_id == self.runner and attempt.claimed_at - _MOMENT <= over and lived_until >= begun
