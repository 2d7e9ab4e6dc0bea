"""The connection to the collector: what it is told, in order and never more than it can take."""

from __future__ import annotations

import collections
import select
import socket
from typing import Any

from . import frames
from .attempt import Attempt
from .book import Book, Fact

WINDOW = 8 << 20  # encoded bytes of one attempt on their way, not acknowledged: half of it travels while half is stored
_QUEUE = 2 << 20  # bytes waiting for the socket, above which no more output is added
_FLOOD = 8 << 20  # bytes waiting for the socket, above which nothing more is read from it


class Feed:
    """What the collector has been told of one attempt."""

    def __init__(self, handle: int, attempt: Attempt, offset: int) -> None:
        self.handle = handle
        self.attempt = attempt
        self.offset = min(offset, attempt.spool.size)
        self.said: dict[str, Any] = {}
        self.started = False
        self.ended = False
        self.on_way = 0
        self._sent: collections.deque[tuple[int, int]] = collections.deque()

    def sent(self, end: int, length: int) -> None:
        """So much more is on its way."""
        self.offset = end
        self.on_way += length
        self._sent.append((end, length))

    def acknowledged(self, offset: int) -> None:
        """So far it arrived."""
        while self._sent and self._sent[0][0] <= offset:
            self.on_way -= self._sent.popleft()[1]


class Link:
    """Frames in, frames out; never waits."""

    def __init__(self, connection: socket.socket, epoll: select.epoll, book: Book) -> None:
        self._connection = connection
        self._epoll = epoll
        self._book = book
        self._reader = frames.FrameReader()
        self._out: collections.deque[memoryview] = collections.deque()
        self._queued = 0
        self._mask = select.EPOLLIN
        self._feeds: dict[str, Feed] = {}
        self._starved: set[str] = set()
        self.descriptor = connection.fileno()
        connection.setblocking(False)
        epoll.register(self.descriptor, self._mask)

    def receive(self) -> list[tuple[int, int, bytes]] | None:
        """The frames that arrived; None at the end. `BadFrame` if they are none."""
        try:
            data = self._connection.recv(1 << 18)
        except BlockingIOError:
            return []
        except OSError:
            return None
        return self._reader.feed(data) if data else None

    def bind(self, handle: int, attempt: Attempt, offset: int | None) -> None:
        """Tell of this attempt under this handle: from `offset`, or what has not been told yet."""
        feed = self._feeds.get(attempt.key)
        if feed is None or offset is not None:
            base = attempt.spool.base
            feed = Feed(handle, attempt, base if offset is None else max(base, offset))
            self._feeds[attempt.key] = feed
            if offset is not None and offset < base:
                self.send(frames.GONE, handle, {"offset": base})
        else:
            feed.handle, feed.started, feed.ended, feed.said = handle, False, False, {}
        self.pump(attempt)

    def unbind(self, key: str) -> None:
        """There is nothing more to tell."""
        self._feeds.pop(key, None)
        self._starved.discard(key)

    def listens(self, key: str) -> bool:
        """Whether it wants to hear of that attempt."""
        return key in self._feeds

    def acknowledged(self, attempt: Attempt, offset: int) -> None:
        """Its window opens."""
        feed = self._feeds.get(attempt.key)
        if feed is not None:
            feed.acknowledged(offset)
            self.pump(attempt)

    def pump(self, attempt: Attempt) -> None:
        """Tell what can be told of this attempt."""
        feed = self._feeds.get(attempt.key)
        if feed is None:
            return
        if attempt.level is not None and not feed.started:
            feed.started = True
            self.send(frames.STARTED, feed.handle, {"containment": attempt.level})
        whole = self._pump_output(feed)
        if feed.started and attempt.said and feed.said != attempt.said:
            feed.said = attempt.said
            self.send(frames.REPORTED, feed.handle, attempt.said)
        if whole and attempt.settled and not feed.ended:
            feed.ended = True
            fact = self._book.fact(attempt)
            self.send(fact.kind, feed.handle, fact.body)

    def tell(self, handle: int, fact: Fact, offset: int | None) -> None:
        """Repeat the end of an attempt that is forgotten, to one who asks for its output from `offset` on."""
        size = fact.body.get("log_size") or 0
        if offset is not None and offset < size:
            self.send(frames.GONE, handle, {"offset": size})
        if fact.level is not None:
            self.send(frames.STARTED, handle, {"containment": fact.level})
        self.send(fact.kind, handle, fact.body)

    def send(self, kind: int, handle: int, body: dict[str, Any]) -> None:
        """One frame with a JSON body."""
        self._queue(frames.control(kind, handle, body))

    def flush(self) -> bool:
        """Write what the socket takes; whether the connection is still good."""
        while True:
            if not self._write():
                return False
            if self._queued >= _QUEUE or not self._starved:
                break
            starved, self._starved = self._starved, set()
            for key in starved:
                feed = self._feeds.get(key)
                if feed is not None:
                    self.pump(feed.attempt)
        wanted = (select.EPOLLOUT if self._out else 0) | (select.EPOLLIN if self._queued < _FLOOD else 0)
        if wanted != self._mask:
            self._mask = wanted
            self._epoll.modify(self.descriptor, wanted)
        return True

    def close(self) -> None:
        """The collector is gone; what it was not told waits for the next."""
        self._connection.close()

    def _pump_output(self, feed: Feed) -> bool:
        """Send output while queue and window have room; whether all there is has been sent."""
        spool = feed.attempt.spool
        while feed.offset < spool.size:
            if feed.on_way >= WINDOW:
                return False
            if self._queued >= _QUEUE:
                self._starved.add(feed.attempt.key)
                return False
            start, end, row = spool.read(feed.offset)
            self._queue(frames.data_header(feed.handle, start, len(row)) + row)
            feed.sent(end, len(row))
        return True

    def _queue(self, data: bytes) -> None:
        self._out.append(memoryview(data))
        self._queued += len(data)

    def _write(self) -> bool:
        while self._out:
            batch = [self._out[n] for n in range(min(64, len(self._out)))]
            try:
                count = self._connection.sendmsg(batch)
            except BlockingIOError:
                return True
            except OSError:
                return False
            self._queued -= count
            while count:
                first = self._out[0]
                if len(first) > count:
                    self._out[0] = first[count:]
                    break
                count -= len(self._out.popleft())
        return True
