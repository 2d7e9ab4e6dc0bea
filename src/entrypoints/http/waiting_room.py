"""Where agents wait for work: of all who wait, as many are woken as there is work for."""

from asyncio import create_task
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any, Final

import structlog

from ...application.jobs.find_crowds import FindCrowdsCommand
from ...application.ports.calling import UseCase
from ...application.ports.rings import READY, Rings, about_runner
from ...domain.errors import RunyardError
from ...domain.jobs.matching import Crowd, matched
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner
from .shutdown import Shutdown
from .streaming import Listen, Wake

_LOOK_SECONDS: Final = 1.0
"""A ring that was lost costs no more."""
_ON_THE_WAY_SECONDS: Final = 1.0
"""So long after somebody was told of a job nobody else is."""
_REST_SECONDS: Final = 0.01
"""Between two looks: what comes in a burst is looked at together."""
_MOST: Final = 64
"""So many are told at once, lane by lane; if more waits it is looked again right away."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Why the wait is over: there is work, something else about the runner is to be looked at, or nobody waits now."""

    ready: bool = False
    asked: bool = False
    gone: bool = False


@dataclass(slots=True, eq=False)
class _Waiter:
    runner: Runner
    free: int
    heard: set[str] = field(default_factory=set)
    say: Callable[[], None] = lambda: None

    def told(self, what: str) -> None:
        self.heard.add(what)
        self.say()


class _News:
    """Keeps that there were some until somebody wants to know."""

    def __init__(self) -> None:
        self._lock, self._came = Lock(), False
        self._heard: Callable[[], None] = lambda: None

    def came(self) -> None:
        with self._lock:
            self._came, heard = True, self._heard
        heard()

    def told_to(self, heard: Callable[[], None]) -> Callable[[], None]:
        with self._lock:
            self._heard, came = heard, self._came
        if came:
            heard()
        return lambda: None


class WaitingRoom:
    """Used by the event loop; looks at the store in a thread of its own, which runs while somebody waits."""

    def __init__(self, find: UseCase[FindCrowdsCommand, list[Crowd]], rings: Rings, shutdown: Shutdown) -> None:
        self._find, self._rings, self._shutdown = find, rings, shutdown
        self._waiting: dict[RunnerId, _Waiter] = {}
        self._on_the_way: dict[RunnerId, tuple[float, str, int]] = {}
        self._perhaps, self._withheld = True, False
        self._lock, self._bell = Lock(), Event()
        self._thread: Thread | None = None
        self._log = structlog.get_logger()

    @contextmanager
    def news(self, runner_id: RunnerId) -> Iterator[Listen]:
        """Of this runner, from here on: begin before it is looked at, so that nothing is missed before it waits."""
        news = _News()
        stop = self._rings.listen(about_runner(runner_id), news.came)
        try:
            yield news.told_to
        finally:
            stop()

    async def wait(
        self,
        runner: Runner,
        free: int,
        seconds: float,
        gone: Coroutine[Any, Any, Any] | None = None,
        news: Listen | None = None,
    ) -> Heard:
        """Until there is work for one of its free slots, something else about it, or so many seconds are over.

        `gone` ends when whoever waits has hung up; `news` are those of before the wait and during it.
        """
        waiter = _Waiter(runner, free)
        hears = news or partial(self._rings.listen, about_runner(runner.id))
        listens: list[Listen] = [
            partial(self._enter, waiter),
            lambda _say: hears(partial(waiter.told, "asked")),
            self._shutdown.listen,
            partial(_when_over, waiter, gone),
        ]
        with Wake.of(*listens) as wake:
            await wake.wait(seconds)
        return Heard(ready="ready" in waiter.heard, asked="asked" in waiter.heard, gone="gone" in waiter.heard)

    def look(self) -> None:
        """Wake whom there is work for."""
        with self._lock:
            now = monotonic()
            self._on_the_way = {who: each for who, each in self._on_the_way.items() if each[0] > now}
            most = _MOST + self._coming().total()
            nobody = not any(each.free and not each.heard for each in self._waiting.values())
        if nobody:
            self._perhaps = True  # nobody has looked what waits: the next who comes may find something
            return
        self._perhaps = False
        crowds = self._find.execute(FindCrowdsCommand(most=most))
        if not crowds:
            return
        with self._lock:
            told = self._tell(crowds, until=now + _ON_THE_WAY_SECONDS)
        if told and any(each.jobs >= most for each in crowds):
            self._bell.set()  # there may be more of it

    def came(self, runner_id: RunnerId) -> None:
        """It has asked for work, and is on the way no more: what it left is for others."""
        with self._lock:
            self._on_the_way.pop(runner_id, None)
            self._perhaps = True
            if self._withheld:
                self._bell.set()

    def _tell(self, crowds: Sequence[Crowd], *, until: float) -> int:
        """How many were told. What those take who are on their way is nobody's else, until they came."""
        coming = self._coming()
        waiting = {each: (it.runner, it.free) for each, it in self._waiting.items() if it.free and not it.heard}
        jobs = sum(max(0, each.jobs - coming[each.lane.key]) for each in crowds)
        told = matched(crowds, coming, waiting)
        for runner_id, lane in told.items():
            waiter = self._waiting[runner_id]
            self._on_the_way[runner_id] = (until, lane.key, waiter.free)
            waiter.told("ready")
            jobs -= waiter.free
        self._perhaps = self._perhaps or jobs > 0
        self._withheld = any(coming[each.lane.key] for each in crowds)
        return len(told)

    def _coming(self) -> Counter[str]:
        """How many jobs of each lane those take who are on their way."""
        coming = Counter[str]()
        for _, lane, free in self._on_the_way.values():
            coming[lane] += free
        return coming

    def _enter(self, waiter: _Waiter, say: Callable[[], None]) -> Callable[[], None]:
        waiter.say = say
        with self._lock:
            self._waiting[waiter.runner.id] = waiter
            self._on_the_way.pop(waiter.runner.id, None)  # it came, and has taken what it wanted
            if self._thread is None:
                self._thread = Thread(target=self._run, name="waiting room", daemon=True)
                self._thread.start()
        if self._perhaps:
            self._bell.set()

        def leave() -> None:
            with self._lock:
                if self._waiting.get(waiter.runner.id) is waiter:
                    del self._waiting[waiter.runner.id]

        return leave

    def _run(self) -> None:
        stop_listening = self._rings.listen(READY, self._bell.set)
        try:
            while not self._shutdown.begun:
                self._bell.wait(_LOOK_SECONDS)
                self._bell.clear()
                with self._lock:
                    if not self._waiting:
                        self._thread, self._perhaps = None, True
                        return
                try:
                    self.look()
                except RunyardError as refusal:
                    self._log.warning("what waits could not be looked at", why=str(refusal))
                except Exception:  # noqa: BLE001 - the next look tries again
                    self._log.exception("looking at what waits failed")
                sleep(_REST_SECONDS)
        finally:
            stop_listening()


def _when_over(waiter: _Waiter, gone: Coroutine[Any, Any, Any] | None, _say: Callable[[], None]) -> Callable[[], None]:
    if gone is None:
        return lambda: None
    task = create_task(gone)

    def over(_: Any) -> None:
        if not task.cancelled():
            with suppress(Exception):
                task.result()
            waiter.told("gone")

    task.add_done_callback(over)

    def leave() -> None:
        task.cancel()

    return leave
