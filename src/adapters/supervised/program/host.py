"""The processes of this host: started in batches, read, signalled, reaped, ended with their whole tree."""

from __future__ import annotations

import collections
import select
import signal
from typing import Any, Callable

from .attempt import ACCEPTED, CLOSING, RECORDED, RUNNING, Attempt
from .book import WINDOW, Book
from .contain import Level
from .live import Live
from .orders import Order, Renewal
from .spawn import Spawner, StartFailed, clean
from .spool import LOW
from .timers import Timers, boottime

_BATCH = 8
_KILL_SECONDS = 0.05  # at a time, before other events are looked at
_OTHER_DESCRIPTORS = 64


class Host:
    """Owns every process. `changed` is called when an attempt may have something to tell."""

    def __init__(self, directory: str, book: Book, level: Level, spawner: Spawner, epoll: select.epoll) -> None:
        self.book, self.level = book, level
        self.live = Live(directory, level.name)
        self.timers = Timers()
        self.pipes: dict[int, Attempt] = {}
        self.running: dict[int, Attempt] = {}
        self.changed: Callable[[Attempt], None] = lambda _: None  # nobody listens yet
        self._directory, self._spawner, self._epoll = directory, spawner, epoll
        self._spawnable: collections.deque[Attempt] = collections.deque()
        self._dying: collections.deque[Attempt] = collections.deque()
        self._work = 0

    @property
    def busy(self) -> bool:
        """Whether any attempt is not settled."""
        return self._work > 0

    def start(self, order: Order) -> Attempt:
        """Take on an attempt nobody heard of; it is spawned when that is durable."""
        attempt = self.book.accept(order.key, self._owned)
        if attempt.alive:
            attempt.ordered(order)
            self._work += 1
        return attempt

    def wish(self, attempt: Attempt, kind: str, number: int = 0) -> None:
        """Cancel, kill, pause or resume; what has ended wishes for nothing. Of pauses and resumes the newest counts."""
        if kind in ("pause", "resume"):
            if number < attempt.obeyed:
                return
            attempt.obeyed = number
        if attempt.state == ACCEPTED:
            attempt.wishes.append(kind)
        elif attempt.state == RUNNING:
            now, ladder = boottime(), attempt.ladder
            moves = {
                "cancel": lambda: ladder.end(now, "cancel"),
                "kill": lambda: ladder.kill("cancel"),
                "pause": lambda: ladder.pause(now),
                "resume": lambda: ladder.resume(now),
            }
            self._send(attempt, moves[kind]())

    def renew(self, renewal: Renewal) -> None:
        """Leases were renewed after that word of ours."""
        for attempt in self.book.meant_by(renewal):
            if attempt.state in (ACCEPTED, RUNNING) and attempt.ladder.heard(renewal.stamp, boottime()):
                self.live.renewed(attempt.key, attempt.ladder.lapses_at)
                self.timers.set(attempt.key, attempt.ladder.next_at)

    def drop(self, attempt: Attempt) -> None:
        """Nobody wants it any more: end what runs, forget what is known."""
        if attempt.alive:
            attempt.drop = True
            self.wish(attempt, "kill")
        elif attempt.key in self.book.attempts:
            self.book.forget(attempt)

    def spawn_some(self) -> bool:
        """Start the next few; whether more wait. The supervisor is home again when this returns."""
        if not self._spawnable:
            return False
        batch = [self._spawnable.popleft() for _ in range(min(_BATCH, len(self._spawnable)))]
        try:
            for attempt in batch:
                self._spawn(attempt)
        finally:
            self.level.home()
        for attempt in batch:
            for kind in attempt.wishes:
                self.wish(attempt, kind, attempt.obeyed)
            self.changed(attempt)
        return bool(self._spawnable)

    def readable(self, descriptor: int) -> None:
        """A pipe has something, or has ended."""
        attempt = self.pipes[descriptor]
        if attempt.take(descriptor) < 0:
            del self.pipes[descriptor]
            attempt.close(descriptor)
            self.changed(attempt)
            return
        if attempt.over_limit and attempt.order is not None and attempt.order.log_policy == "kill":
            self._send(attempt, attempt.ladder.end(boottime(), "log_limit"))
        if attempt.spool.full():
            self._block(attempt)
        self.changed(attempt)

    def acknowledged(self, attempt: Attempt) -> None:
        """Some of its output may have gone: read on if it had to wait."""
        if attempt.blocked and not attempt.spool.full(LOW):
            attempt.blocked = False
            for descriptor in attempt.pipes:
                self._epoll.register(descriptor, select.EPOLLIN)

    def reaped(self, pid: int, status: int, usage: Any) -> None:
        """A process ended: an attempt's, or an orphan of one."""
        self.level.reaped(pid)
        attempt = self.running.pop(pid, None)
        if attempt is None:
            return
        attempt.exited = (status, usage)
        attempt.ladder.reaped(status, boottime())
        if attempt.state == RUNNING:
            self._close(attempt)
        else:
            self._advance(attempt)

    def end_trees(self) -> bool:
        """Go on killing what must end; whether some is left."""
        until = boottime() + _KILL_SECONDS
        for _ in range(len(self._dying)):
            attempt = self._dying.popleft()
            gone = self.level.kill(attempt.key)
            if gone is False:
                self._dying.append(attempt)
            else:
                attempt.tree = gone
                self._advance(attempt)
            if boottime() > until:
                break
        return bool(self._dying)

    def tick(self, now: float) -> None:
        """Once a second: whatever only time can mend."""
        self.live.beat()
        self.book.tick(now)
        for attempt in self.running.values():
            if attempt.blocked:
                self.acknowledged(attempt)

    def timed(self, now: float) -> None:
        """Do what is due."""
        for key in self.timers.due(now):
            attempt = self.book.attempts.get(key)
            if attempt is not None and attempt.state == RUNNING:
                self._send(attempt, attempt.ladder.due(now))

    def _owned(self, attempt: Attempt) -> None:
        self._spawnable.append(attempt)

    def _spawn(self, attempt: Attempt) -> None:
        order, now = attempt.order, boottime()
        if order is None or now - order.stamp > WINDOW or {"cancel", "kill"} & set(attempt.wishes):
            self._work -= 1
            self.book.void(attempt)
            attempt.forget_secrets()
            if attempt.drop:
                self.book.forget(attempt)
            return
        job, _, number = attempt.key.rpartition("/")
        entered = False
        try:
            self._spawner.refuse_beyond(3 * len(self.running) + _OTHER_DESCRIPTORS)
            self.live.take(attempt.key, attempt.ladder.lapses_at)
            entered = True
            self.level.enter(attempt.key)
            extra = dict(self.level.env(attempt.key), RUNYARD_JOB_ID=job, RUNYARD_ATTEMPT=number)
            process = self._spawner.spawn(attempt.name, order.spec, extra)
        except StartFailed as failed:
            self._fail(attempt, str(failed), failed.exit_code, entered)
        except (OSError, ValueError) as error:
            self._fail(attempt, f"cannot start the process: {error}", None, entered)
        else:
            self.level.started(attempt.key, process.pid)
            self.live.started(attempt.key, process.pid)
            self._began(attempt, process)
        attempt.order = order._replace(spec={})

    def _began(self, attempt: Attempt, process: Any) -> None:
        attempt.spawned(process, self.level.name)
        attempt.ladder.begin(boottime())
        self.timers.set(attempt.key, attempt.ladder.next_at)
        self.running[process.pid] = attempt
        for descriptor in attempt.pipes:
            self.pipes[descriptor] = attempt
            self._epoll.register(descriptor, select.EPOLLIN)

    def _fail(self, attempt: Attempt, message: str, code: int | None, entered: bool) -> None:
        attempt.failure = (message, code)
        if entered:
            self._close(attempt)
        else:
            attempt.state, attempt.tree = CLOSING, True
            self._advance(attempt)

    def _send(self, attempt: Attempt, signals: list[int]) -> None:
        for signum in signals:
            if signum == signal.SIGKILL:
                self._close(attempt)
            else:
                self.level.signal(attempt.key, signum)
        self.timers.set(attempt.key, attempt.ladder.next_at if attempt.state == RUNNING else None)

    def _close(self, attempt: Attempt) -> None:
        """From here on the whole tree is ended."""
        attempt.state = CLOSING
        self.timers.set(attempt.key, None)
        self._dying.append(attempt)

    def _advance(self, attempt: Attempt) -> None:
        if attempt.tree is False or (attempt.exited is None and attempt.failure is None):
            return
        for descriptor in attempt.pipes:
            del self.pipes[descriptor]
        attempt.drain()
        attempt.conclude()
        clean(self._directory, attempt.name)
        self.live.free(attempt.key)
        self.changed(attempt)
        self.book.record(attempt, lambda: self._recorded(attempt))

    def _recorded(self, attempt: Attempt) -> None:
        attempt.state = RECORDED
        self._work -= 1
        if attempt.drop:
            self.book.forget(attempt)
        self.changed(attempt)

    def _block(self, attempt: Attempt) -> None:
        if not attempt.blocked:
            attempt.blocked = True
            for descriptor in attempt.pipes:
                self._epoll.unregister(descriptor)
