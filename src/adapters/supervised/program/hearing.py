"""Looking, every quarter of a second, for what running jobs say of themselves."""

from __future__ import annotations

import collections
import os
from typing import Iterator

from .attempt import Attempt
from .host import Host
from .link import Link
from .timers import boottime

_SECONDS = 0.05  # at a time; who is not looked at then comes first the next time


class Hearing:
    """Reads the reports that exist; looks for new ones only if their folder shows that there may be some."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._left: collections.deque[Attempt] = collections.deque()
        self._folder_changed = 0
        self._look_again = 0

    def poll(self, link: Link | None, now: float) -> Iterator[Attempt]:
        """The attempts that said something, of those somebody listens to."""
        changed = os.stat("a").st_mtime_ns
        self._look_again = 2 if changed != self._folder_changed else self._look_again - 1
        self._folder_changed = changed
        self._left = self._left or collections.deque(self._host.running.values())
        while link is not None and self._left and boottime() < now + _SECONDS:
            attempt = self._left.popleft()
            heard = attempt.pid in self._host.running and link.listens(attempt.key)
            if heard and (attempt.report.exists or self._look_again > 0) and attempt.poll_report():
                yield attempt
