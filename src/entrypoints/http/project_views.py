"""Projects and their limits, as everybody outside sees them."""

from typing import Self

from pydantic import Field

from ...application.limits.get_project import LimitsStatus, ProjectStatus
from ...domain.accounts.projects import Project
from ...domain.limits.limits import LimitKind, Limits, ProjectLimits
from .request_body import StrictBody
from .spec_views import Moment, View


class ProjectView(View):
    """A tenant: what belongs to it is seen and touched by its members only."""

    name: str
    created_at: Moment

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(name=project.name, created_at=project.created_at)


class ProjectsView(View):
    """Projects, by name."""

    items: list[ProjectView]


class LimitsView(View):
    """Limits of jobs."""

    queued: int | None
    running: int | None
    submissions_per_minute: int | None

    @classmethod
    def of(cls, limits: Limits) -> Self:
        return cls(**{kind.value: limits.of(kind) for kind in LimitKind})


class OwnLimitsView(LimitsView):
    """What was set for a project, for each owner in it, or for one. Null leaves it to what holds otherwise."""

    project: str
    owner: str | None
    changed_at: Moment

    @classmethod
    def told(cls, limits: ProjectLimits) -> Self:
        return cls(
            project=limits.project,
            owner=limits.owner,
            changed_at=limits.changed_at,
            **LimitsView.of(limits.limits).model_dump(),
        )


class LimitsStatusView(View):
    """The limits of one scope."""

    owner: str | None = Field(description="Null: the whole project. `*`: each owner who is not named.")
    set: LimitsView = Field(description="What was set here. Null leaves it to what holds otherwise; 0 is no limit.")
    in_force: LimitsView = Field(description="What holds, with the usual limits of the installation. Null is no limit.")
    queued: int | None = Field(description="How many jobs wait now, counted up to 100,000; null for `*`.")
    running: int | None = Field(description="How many jobs run now; null for `*`.")

    @classmethod
    def of(cls, status: LimitsStatus) -> Self:
        return cls(
            owner=status.owner,
            set=LimitsView.of(status.set),
            in_force=LimitsView.of(status.in_force),
            queued=status.queued,
            running=status.running,
        )


class ProjectStatusView(ProjectView):
    """A project, its limits, and how much of them is used."""

    limits: list[LimitsStatusView] = Field(description="Of the project, of each owner, and of those named, in order.")

    @classmethod
    def told(cls, status: ProjectStatus) -> Self:
        limits = [LimitsStatusView.of(each) for each in status.limits]
        return cls(name=status.project.name, created_at=status.project.created_at, limits=limits)


class LimitsBody(StrictBody):
    """Whose limits shall be different, and how; what is left out stays as it is."""

    owner: str | None = Field(
        default=None, description="Null: the whole project. `*`: each owner in it. Else: this owner in it."
    )
    queued: int | None = Field(default=None, description="How many jobs may wait; 0 is no limit, null the usual one.")
    running: int | None = Field(default=None, description="How many jobs may run; 0 is no limit, null the usual one.")
    submissions_per_minute: int | None = Field(
        default=None, description="How many jobs may be submitted in a minute; 0 is no limit, null the usual one."
    )

    @property
    def changes(self) -> dict[LimitKind, int | None]:
        """What was given."""
        return {kind: getattr(self, kind.value) for kind in LimitKind if kind.value in self.model_fields_set}
