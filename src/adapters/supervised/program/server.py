"""The loop: one thread, one epoll; no step of it waits for anything but the epoll."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import traceback
from typing import Any, Callable

from . import frames
from .attempt import Attempt
from .book import WINDOW
from .guarding import Guarding
from .hearing import Hearing
from .host import Host
from .link import Link
from .orders import key as key_in
from .orders import offset as offset_in
from .orders import order as order_in
from .orders import renewal as renewal_in
from .timers import boottime

IDLE = 600.0  # seconds without attempts and collectors, after which it is not needed
_LISTENERS = 16
_SAY_EVERY = 0.25
_KILL_AGAIN = 0.002
_REAPED_AT_ONCE = 256
_MISHAPS = 100


class Server:
    """Answers collectors, of which the newest counts, and keeps the host going."""

    def __init__(
        self, host: Host, epoll: select.epoll, listener: socket.socket, words: dict[str, Any], guard: Guarding
    ) -> None:
        self._host = host
        self._epoll = epoll
        self._listener = listener
        self._words = words
        self._guard = guard
        self.idle = IDLE
        self._link: Link | None = None
        self._new: dict[int, Link] = {}
        self._hearing = Hearing(host)
        self._stop = self._spawning = self._dying = False
        self._mishaps = 0
        self._second = self._quarter = boottime()
        self._quiet_since = boottime()
        self._signals, self._ring = os.pipe()
        os.set_blocking(self._signals, False)
        os.set_blocking(self._ring, False)
        signal.set_wakeup_fd(self._ring, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._asked_to_leave())
        for descriptor in (listener.fileno(), self._signals, host.book.sync.ready):
            epoll.register(descriptor, select.EPOLLIN)
        host.changed = self._changed

    def run(self) -> None:
        """Until there is nothing left to do for anybody."""
        while not self._leaving():
            self._safely(self._turn)

    def _turn(self) -> None:
        for descriptor, _ in self._epoll.poll(self._wait(boottime()), 256):
            self._safely(self._ready, descriptor)
        self._spawning = self._host.spawn_some()
        self._host.timed(boottime())
        self._dying = self._host.end_trees()
        self._clock(boottime())
        self._host.book.sync.flush()
        self._flush()

    def _wait(self, now: float) -> float:
        most = min(self._second, self._quarter) - now
        if self._spawning or most <= 0:
            return 0.0
        return self._host.timers.wait(now, min(most, _KILL_AGAIN) if self._dying else most)

    def _safely(self, act: Callable[..., None], *arguments: Any) -> None:
        """A mishap with one must not end all; where it happened is written down, what it said may be private."""
        try:
            act(*arguments)
        except Exception as error:  # noqa: BLE001
            self._mishaps += 1
            if self._mishaps <= _MISHAPS:
                sys.stderr.write(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}\n")
                sys.stderr.flush()

    def _ready(self, descriptor: int) -> None:
        if descriptor in self._host.pipes:
            self._host.readable(descriptor)
        elif self._link is not None and descriptor == self._link.descriptor:
            self._hear(self._link)
        elif descriptor == self._signals:
            self._reap()
        elif descriptor == self._host.book.sync.ready:
            for then in self._host.book.sync.done():
                self._safely(then)
        elif descriptor == self._listener.fileno():
            self._accept()
        elif descriptor in self._new:
            self._hear(self._new[descriptor])

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._new) >= _LISTENERS:
            self._new.pop(next(iter(self._new))).close()
        link = Link(connection, self._epoll, self._host.book)
        self._new[link.descriptor] = link

    def _hear(self, link: Link) -> None:
        try:
            heard = link.receive()
            if heard is None:
                self._hang_up(link)
                return
            if heard and link is not self._link:
                self._take_over(link)
            for kind, handle, body in heard:
                self._obey(link, kind, handle, frames.parse(body))
        except frames.BadFrame:
            self._hang_up(link)

    def _take_over(self, link: Link) -> None:
        self._new.pop(link.descriptor, None)
        if self._link is not None:
            self._link.close()
        self._link = link

    def _hang_up(self, link: Link) -> None:
        self._new.pop(link.descriptor, None)
        if link is self._link:
            self._link = None
        link.close()

    def _obey(self, link: Link, kind: int, handle: int, body: dict[str, Any]) -> None:
        if kind == frames.HELLO:
            link.send(frames.WELCOME, handle, dict(self._words, stamp=boottime()))
        elif kind == frames.START:
            self._start(link, handle, body)
        elif kind == frames.RESUME:
            self._resume(link, handle, key_in(body), offset_in(body, "offset"))
        elif kind == frames.SIGNAL:
            self._signal(key_in(body), body.get("kind"), offset_in(body, "number"))
        elif kind == frames.ACK:
            self._acknowledge(link, key_in(body), offset_in(body, "offset"), body.get("final") is True)
        elif kind == frames.RENEW:
            self._host.renew(renewal_in(body))
        elif kind == frames.LIST:
            link.send(frames.LISTED, handle, {"keys": self._host.book.held()})
        elif kind == frames.STOP:
            self._stop = not self._host.busy
            link.send(frames.STOPPING, handle, {"done": self._stop})
        else:
            raise frames.BadFrame("this is not for a supervisor")

    def _start(self, link: Link, handle: int, body: dict[str, Any]) -> None:
        order = order_in(body)
        book = self._host.book
        fact = book.tomb(order.key, order.stamp)
        attempt = book.attempts.get(order.key)
        if attempt is not None and attempt.drop:  # one that nobody knows any more is still on its way out
            fact = book.never()
        if fact is not None:
            link.tell(handle, fact, None)
            return
        if attempt is None:
            fresh = order.nonce == self._words["nonce"] and 0 <= boottime() - order.stamp <= WINDOW
            self._stop = False
            attempt = self._host.start(order) if fresh else book.void_key(order.key)
        link.bind(handle, attempt, None)

    def _resume(self, link: Link, handle: int, key: str, offset: int) -> None:
        book = self._host.book
        fact = book.tomb(key)
        if fact is not None:
            link.tell(handle, fact, offset)
        else:
            link.bind(handle, book.attempts.get(key) or book.void_key(key), offset)

    def _signal(self, key: str, kind: object, number: int) -> None:
        if kind not in ("cancel", "kill", "pause", "resume"):
            raise frames.BadFrame("no such signal")
        attempt = self._host.book.attempts.get(key)
        if attempt is not None:
            self._host.wish(attempt, str(kind), number)

    def _acknowledge(self, link: Link, key: str, offset: int, final: bool) -> None:
        attempt = self._host.book.attempts.get(key)
        if attempt is None:
            return
        attempt.spool.acknowledge(offset)
        self._host.acknowledged(attempt)
        if final:
            link.unbind(key)
            self._host.drop(attempt)
        else:
            link.acknowledged(attempt, offset)

    def _reap(self) -> None:
        os.read(self._signals, 65536)
        for _ in range(_REAPED_AT_ONCE):
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if not self._guard.ended(pid):
                self._host.reaped(pid, status, usage)
        os.write(self._ring, b"\0")  # there may be more, and there are others to look after

    def _clock(self, now: float) -> None:
        if now >= self._quarter:
            self._quarter = now + _SAY_EVERY
            for attempt in self._hearing.poll(self._link, now):
                self._changed(attempt)
        if now >= self._second:
            self._second = now + 1.0
            self._host.tick(now)
            self._guard.keep(self._host.level, self._host.busy)
        if self._link is not None or self._host.busy:
            self._quiet_since = now

    def _changed(self, attempt: Attempt) -> None:
        if self._link is not None:
            self._link.pump(attempt)

    def _flush(self) -> None:
        for link in [*self._new.values(), *([self._link] if self._link else [])]:
            if not link.flush():
                self._hang_up(link)

    def _asked_to_leave(self) -> None:
        self._stop = self._stop or not self._host.busy

    def _leaving(self) -> bool:
        return not self._host.busy and (self._stop or boottime() - self._quiet_since > self.idle)
