"""A queue as it is at one moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

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


def statuses(reading: QueuesReading, named: Iterable[str] = ()) -> list[QueueStatus]:
    """The queues in which something waits, those that are paused, and those named; by name."""
    now = reading.now()
    standing = {each.queue: each for each in reading.gauges.lanes(most=_MOST_QUEUES, depth=_DEPTH, heads=_HEADS)}
    pauses = {pause.queue: pause for pause in reading.queues.all() if pause.lasts(now)}
    found = []
    for queue in sorted({*standing, *pauses, *named}):
        each = standing.get(queue)
        found.append(QueueStatus(queue, pauses.get(queue), each.waiting if each else 0, each.oldest if each else None))
    return found
