"""Queues that hold their jobs back for a while."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..accounts.projects import DEFAULT_PROJECT
from ..errors import Refusal, RunyardError

QUEUE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class QueueNotFound(RunyardError):
    """No queue can be called so."""

    refusal = Refusal.NOT_FOUND
    code = "queue-not-found"

    def __init__(self, queue: str) -> None:
        super().__init__(f"no queue can be called {queue!r}; `GET /api/v1/queues` lists those there are")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePause:
    """Nothing is claimed from the queue, until a moment or until somebody resumes it."""

    queue: str
    since: datetime
    until: datetime | None = None
    reason: str | None = None
    project: str = DEFAULT_PROJECT

    def __post_init__(self) -> None:
        if not QUEUE_NAME.fullmatch(self.queue):
            raise QueueNotFound(self.queue)

    def lasts(self, now: datetime) -> bool:
        """Whether it is not over."""
        return self.until is None or now < self.until


def held_back(pauses: Iterable[QueuePause], now: datetime) -> frozenset[tuple[str, str]]:
    """The queues that are paused at this moment, each with its project before it."""
    return frozenset((pause.project, pause.queue) for pause in pauses if pause.lasts(now))
