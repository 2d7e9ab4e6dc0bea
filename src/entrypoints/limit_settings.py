"""Settings of the limits that hold in every project where nobody has set others."""

from pydantic import Field
from pydantic_settings import BaseSettings

from ..domain.limits.limits import MOST_LIMIT, Limits, UsualLimits


class LimitSettings(BaseSettings):
    """Each field has its variable: `RUNYARD_` and its name. A limit of 0 is none.

    Servers keep to those of queued jobs and of submissions, workers to those of running jobs.
    """

    project_queued: int = Field(default=0, ge=0, le=MOST_LIMIT)
    project_running: int = Field(default=0, ge=0, le=MOST_LIMIT)
    project_submissions_per_minute: int = Field(default=0, ge=0, le=MOST_LIMIT)
    owner_queued: int = Field(default=0, ge=0, le=MOST_LIMIT)
    owner_running: int = Field(default=0, ge=0, le=MOST_LIMIT)
    owner_submissions_per_minute: int = Field(default=0, ge=0, le=MOST_LIMIT)

    @property
    def usual_limits(self) -> UsualLimits:
        """What holds unless something else was set."""
        return UsualLimits(
            project=Limits(
                queued=self.project_queued,
                running=self.project_running,
                submissions_per_minute=self.project_submissions_per_minute,
            ),
            owner=Limits(
                queued=self.owner_queued,
                running=self.owner_running,
                submissions_per_minute=self.owner_submissions_per_minute,
            ),
        )
