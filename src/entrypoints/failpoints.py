"""Failpoints: places where a fault test may hurt the process. Nothing unless `RUNYARD_FAILPOINTS` says so.

`NAME=ACTION[@N]`, several separated by commas. A name is a use case and a moment, for instance
`assign_jobs.after_commit`; the action happens at the Nth time (the first unless given) the place is reached:
`kill` and `stop` send SIGKILL and SIGSTOP to this process, `raise` fails, `sleep:SECONDS` waits.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

MOMENTS: Final = ("before_commit", "after_commit", "before_start", "after_start")
"""Around the commit of each use case; around handing starts to the host (`execute_jobs.…`)."""


class FailpointReachedError(Exception):
    """A failpoint was told to raise."""


@dataclass(frozen=True, slots=True)
class Failpoint:
    """What happens at a place, and at which visit."""

    action: str
    visit: int

    def act(self, name: str) -> None:
        """Do it."""
        match self.action.partition(":"):
            case ("kill", _, _):
                os.kill(os.getpid(), signal.SIGKILL)
            case ("stop", _, _):
                os.kill(os.getpid(), signal.SIGSTOP)
            case ("sleep", _, seconds):
                time.sleep(float(seconds))
            case _:
                raise FailpointReachedError(name)


def parse_failpoints(text: str) -> dict[str, Failpoint]:
    """The failpoints a setting describes, or `ValueError` naming the part that is wrong."""
    return dict(_parsed(part.strip()) for part in text.split(",") if part.strip())


def _parsed(part: str) -> tuple[str, Failpoint]:
    name, _, rest = part.partition("=")
    action, _, visit = rest.partition("@")
    kind, _, seconds = action.partition(":")
    known = kind in {"kill", "stop", "raise"} and not seconds
    if kind == "sleep":
        known = seconds.replace(".", "", 1).isdigit()
    if name.rpartition(".")[2] not in MOMENTS or not known or not (visit or "1").isdigit():
        raise ValueError(f"{part!r} is no failpoint: NAME.MOMENT=kill|stop|raise|sleep:SECONDS[@N], moments {MOMENTS}")
    return name, Failpoint(action, int(visit or "1"))


class Failpoints:
    """Counts visits and acts where it was told to."""

    def __init__(self, text: str) -> None:
        self._points = parse_failpoints(text)
        self._visits: dict[str, int] = {}

    def reach(self, name: str) -> None:
        """A place is reached."""
        point = self._points.get(name)
        if point is None:
            return
        self._visits[name] = self._visits.get(name, 0) + 1
        if self._visits[name] == point.visit:
            point.act(name)

    def around(self, use_case: str, begin: Callable[[], AbstractContextManager[Any]]) -> Callable[..., Any]:
        """The same `begin`, its commit between two failpoints; untouched when none is set."""
        if not self._points:
            return begin

        @contextmanager
        def watched() -> Iterator[Any]:
            with begin() as work:
                yield _WatchedWork(work, use_case, self)

        return watched


class _WatchedWork:
    def __init__(self, work: Any, use_case: str, failpoints: Failpoints) -> None:
        self._work, self._use_case, self._failpoints = work, use_case, failpoints

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)

    def commit(self) -> None:
        self._failpoints.reach(f"{self._use_case}.before_commit")
        self._work.commit()
        self._failpoints.reach(f"{self._use_case}.after_commit")


class WatchedHost:
    """A host with failpoints around its starts."""

    def __init__(self, host: Any, failpoints: Failpoints) -> None:
        self._host, self._failpoints = host, failpoints

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def start(self, hello: Any, orders: Any) -> None:
        """Start, between two failpoints."""
        if orders:
            self._failpoints.reach("execute_jobs.before_start")
        self._host.start(hello, orders)
        if orders:
            self._failpoints.reach("execute_jobs.after_start")
