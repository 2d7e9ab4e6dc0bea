"""Concurrency keys: how many jobs of one key may be under way at once, and what becomes of one too many."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..accounts.projects import DEFAULT_PROJECT, within
from ..errors import FieldProblem

KEY_BUSY: Final = "key_busy"
"""The reason of a job that waits for a seat of its key, or was turned away because there was none."""

MAX_KEY_BYTES: Final = 256
MAX_LIMIT: Final = 1000
MAX_WAITING: Final = 1_000_000


class OnConflict(StrEnum):
    """What becomes of a job whose key has no free seat."""

    QUEUE = "queue"
    REJECT = "reject"
    REPLACE_RUNNING = "replace_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """At most `limit` jobs of the key hold a seat; at most `max_waiting` wait for one.

    The limit is the key's, and the last submission that names the key sets it. Each `project` has keys of its own.
    """

    key: str
    limit: int = 1
    on_conflict: OnConflict = OnConflict.QUEUE
    max_waiting: int = 10_000
    project: str = DEFAULT_PROJECT

    @property
    def line(self) -> str:
        """What the key is called where those of all projects are."""
        return within(self.project, self.key)

    def problems(self) -> Iterator[FieldProblem]:
        """What is wrong with these values besides the text of the key."""
        if not self.key:
            yield FieldProblem("/concurrency/key", "must not be empty")
        if not 1 <= self.limit <= MAX_LIMIT:
            yield FieldProblem("/concurrency/limit", f"must be from 1 to {MAX_LIMIT}")
        if not 0 <= self.max_waiting <= MAX_WAITING:
            yield FieldProblem("/concurrency/max_waiting", f"must be from 0 to {MAX_WAITING}")
