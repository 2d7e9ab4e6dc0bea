"""Change the limits of a project, or of the owners in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...domain.limits.limits import LimitKind, ProjectLimits
from ..ports.limits_work import LimitsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLimitsCommand:
    """Of the whole project (`owner` is None), of each owner in it (`*`), or of one by name: which, and to what."""

    project: str
    owner: str | None = None
    changes: Mapping[LimitKind, int | None]


class ChangeLimits:
    """Counts for everybody within a second. What waits or runs already is not touched by a lower one."""

    def __init__(self, begin: Begin[LimitsWork]) -> None:
        self._begin = begin

    def execute(self, command: ChangeLimitsCommand) -> ProjectLimits:
        """What is set now, or `ProjectNotFound`, or `InvalidLimits`."""
        with self._begin() as work:
            project, now = work.projects.get(command.project).name, work.now()
            known = {each.owner: each for each in work.limits.of([project])}
            before = known.get(command.owner) or ProjectLimits(project=project, owner=command.owner, changed_at=now)
            after = before.changed(command.changes, now=now)
            work.limits.save(after)
            work.commit()
        return after
