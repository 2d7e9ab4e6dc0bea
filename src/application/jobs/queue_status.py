"""A queue as it is at one moment."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.jobs.queues import QueuePause
from ..ports.work import QueuesReading

_MOST_QUEUES = 1000
_DEPTH = 100_000
_HEADS = 1000


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """`pause` is None unless it lasts. `waiting` counts up to 100,000; `oldest` is since when the first one waits."""

    queue: str
    pause: QueuePause | None
    waiting: int = 0
    oldest: datetime | None = None
    project: str = DEFAULT_PROJECT


def statuses(
    reading: QueuesReading, projects: AbstractSet[str] | None, named: Iterable[tuple[str, str]] = ()
) -> list[QueueStatus]:
    """The queues of these projects in which something waits, those that are paused, and those named; by name."""
    now = reading.now()
    lanes = reading.gauges.lanes(most=_MOST_QUEUES, depth=_DEPTH, heads=_HEADS, projects=projects)
    standing = {(each.project, each.queue): each for each in lanes}
    lasting = (pause for pause in reading.queues.all() if pause.lasts(now))
    pauses = {(each.project, each.queue): each for each in lasting if projects is None or each.project in projects}
    found = []
    for key in sorted({*standing, *pauses, *named}):
        each, (project, queue) = standing.get(key), key
        waiting, oldest = (each.waiting, each.oldest) if each else (0, None)
        found.append(QueueStatus(queue, pauses.get(key), waiting, oldest, project))
    return found
