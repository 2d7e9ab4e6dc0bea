"""What the supervisor knows of attempts, and what of it survives: the journal, its syncs, and tombstones."""

from __future__ import annotations

import contextlib
import json
from typing import Any, Callable, NamedTuple

from . import frames
from .attempt import BROKEN, RECORDED, VOID, Attempt
from .journal import BROKEN as BROKEN_RECORD
from .journal import EXIT, OWNED, Journal
from .journal import VOID as VOID_RECORD
from .orders import Renewal
from .reserve import Reserve
from .sync import Sync
from .timers import boottime

WINDOW = 30.0  # a start is valid so long after its hello
_REMEMBERED = WINDOW + 5.0


class Fact(NamedTuple):
    """The end of an attempt as a frame tells it; `level` if its process ever ran."""

    level: str | None
    kind: int
    body: dict[str, Any]


class Book:
    """Attempts by key. A forgotten one is remembered as a fact until no start of it can be valid any more."""

    def __init__(self, directory: str, boot_id: str) -> None:
        self.boot_id = boot_id
        self.attempts: dict[str, Attempt] = {}
        self.journal = Journal(directory)
        self.sync = Sync(self.journal)
        self._reserve = Reserve(directory)
        self._directory = directory
        self._tombs: dict[str, tuple[float, bytes]] = {}
        self._voids: dict[str, float] = {}
        self._unwritten: list[tuple[Attempt, Callable[[], None]]] = []

    def accept(self, key: str, then: Callable[[Attempt], None]) -> Attempt:
        """A new attempt; `then` is called when the host's ownership is durable. Voided if that cannot be written."""
        attempt = self.attempts[key] = Attempt(self._directory, key)
        self._tombs.pop(key, None)
        try:
            self.journal.put(OWNED, key, {"b": self.boot_id})
        except OSError:
            return self.void(attempt)
        self.sync.want([], lambda: then(attempt))
        return attempt

    def void(self, attempt: Attempt) -> Attempt:
        """It has not started and never will."""
        attempt.state = VOID
        self.attempts[attempt.key] = attempt
        self._voids[attempt.key] = boottime() + _REMEMBERED
        with contextlib.suppress(OSError):  # a start older than this process is refused all the same
            self.journal.put(VOID_RECORD, attempt.key, {"b": self.boot_id})
        return attempt

    def void_key(self, key: str) -> Attempt:
        """The same for one never heard of."""
        return self.void(Attempt(self._directory, key))

    def record(self, attempt: Attempt, then: Callable[[], None]) -> None:
        """Write down the end; `then` is called when that is durable."""
        body = {"o": attempt.outcome, "r": attempt.said, "l": attempt.level, "m": attempt.spool.memory_start}
        if not self._put_end(attempt, body):
            self._unwritten.append((attempt, then))
            return
        key = attempt.key
        attempt.spool.kept_elsewhere(lambda: self.journal.read(key).tail)
        self.sync.want(attempt.spool.unsynced(), then)

    def _put_end(self, attempt: Attempt, body: dict[str, Any]) -> bool:
        """On a full disk with the room that is kept for it; whether it could be written."""
        while True:
            try:
                self.journal.put(EXIT, attempt.key, body, attempt.spool.memory)
            except OSError:
                if not self._reserve.spend():
                    return False
            else:
                return True

    def record_broken(self, attempt: Attempt, why: str, tree_empty: bool | None) -> None:
        """Its supervisor died with it."""
        attempt.state = BROKEN
        attempt.outcome = {"why": why, "tree_empty": tree_empty}
        self.attempts[attempt.key] = attempt
        self.journal.put(BROKEN_RECORD, attempt.key, {"o": attempt.outcome})

    def fact(self, attempt: Attempt) -> Fact:
        """The end of an attempt."""
        if attempt.state == VOID:
            return self.never()
        return Fact(attempt.level, frames.ENDED if attempt.state == RECORDED else frames.BROKEN, attempt.outcome)

    def meant_by(self, renewal: Renewal) -> list[Attempt]:
        """The attempts of it; none if it is of another boot."""
        keys = renewal.keys if renewal.boot_id == self.boot_id else []
        return [self.attempts[key] for key in keys if key in self.attempts]

    def held(self) -> list[str]:
        """The attempts that run, or whose end somebody may still want; what was voided ends by itself."""
        return [key for key, attempt in self.attempts.items() if attempt.state != VOID]

    def tomb(self, key: str, stamp: float = 0.0) -> Fact | None:
        """What became of an attempt that is forgotten. To a start under a later hello (`stamp`) it is nothing:
        whoever orders it knows of no earlier one (its database was restored), and it cannot be a repeated order.
        """
        found = self._tombs.get(key)
        return None if found is None or stamp > found[0] - _REMEMBERED else Fact(*json.loads(found[1]))

    def never(self) -> Fact:
        """The answer to an order that will not be obeyed."""
        return Fact(None, frames.VOIDED, {"boot_id": self.boot_id})

    def forget(self, attempt: Attempt) -> None:
        """Whoever wanted to know its end knows it."""
        attempt.spool.acknowledge(attempt.spool.size)
        self._tombs[attempt.key] = (boottime() + _REMEMBERED, json.dumps(self.fact(attempt)).encode("ascii"))
        self._remove(attempt.key)

    def tick(self, now: float) -> None:
        """Let go of what is too old to matter, and try again to write what could not be written."""
        self._tombs = _after(self._tombs, now)
        for key in [key for key, until in self._voids.items() if until < now]:
            self._remove(key)
        unwritten, self._unwritten = self._unwritten, []
        for attempt, then in unwritten:
            self.record(attempt, then)
        if not self._unwritten:
            self._reserve.keep()

    def _remove(self, key: str) -> None:
        self.attempts.pop(key, None)
        self._voids.pop(key, None)
        with contextlib.suppress(OSError):  # whoever asks the next supervisor is told once more
            self.journal.forget(key)


def _after(tombs: dict[str, tuple[float, bytes]], now: float) -> dict[str, tuple[float, bytes]]:
    """The tombstones still needed; they were added in the order of their time."""
    first = next(iter(tombs.values()), None)
    if first is None or first[0] >= now:
        return tombs
    return {key: tomb for key, tomb in tombs.items() if tomb[0] >= now}
