"""Get a project, its limits, and how much of them is used."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...domain.accounts.projects import Project
from ...domain.limits.limits import EACH_OWNER, NO_LIMITS, LimitKind, Limits, LimitsInForce, Scope, UsualLimits
from ..ports.limits_work import LimitsReading
from ..ports.work import Begin
from .room import by_scope

MOST_COUNTED: Final = 100_000
"""What waits is counted no further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetProjectCommand:
    """Which one."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsStatus:
    """What was set for the project (`owner` is None), for each owner (`*`) or for one, and what is in force.

    `queued` and `running` are how many wait and run now; of each owner there is no such number.
    """

    owner: str | None
    set: Limits
    in_force: Limits
    queued: int | None = None
    running: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """A project as it stands: the limits of the whole, of each owner, and of those who have some by name."""

    project: Project
    limits: tuple[LimitsStatus, ...]


class GetProject:
    """Reads it at one moment."""

    def __init__(self, read: Begin[LimitsReading], usual: UsualLimits = NO_LIMITS) -> None:
        self._read = read
        self._usual = usual

    def execute(self, command: GetProjectCommand) -> ProjectStatus:
        """The project, or `ProjectNotFound`."""
        with self._read() as reading:
            project = reading.projects.get(command.name)
            in_force = LimitsInForce.of(reading.limits.of([project.name]), self._usual)
            return ProjectStatus(project=project, limits=tuple(_limits(reading, project.name, in_force)))


def _limits(reading: LimitsReading, project: str, in_force: LimitsInForce) -> Iterator[LimitsStatus]:
    running = by_scope(reading.use.running([project]))
    for owner in [None, EACH_OWNER, *sorted(name for _, name in in_force.known if name not in (None, EACH_OWNER))]:
        scope, known = Scope(project, owner), in_force.known.get((project, owner))
        counted = owner != EACH_OWNER
        yield LimitsStatus(
            owner=owner,
            set=known.limits if known else Limits(),
            in_force=Limits(**{kind.value: in_force.limit(kind, scope) for kind in LimitKind}),
            queued=reading.use.waiting(scope, MOST_COUNTED) if counted else None,
            running=running[scope] if counted else None,
        )
