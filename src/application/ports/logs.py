"""The stored output of attempts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.log import LogChunk, LogHead


@dataclass(frozen=True, slots=True)
class LogSlice:
    """A stretch of a log: chunks without gaps, and the offset behind them."""

    chunks: tuple[LogChunk, ...]
    end: int


class Logs(Protocol):
    """Logs as they grow. Writes live and die with the unit of work."""

    def heads(self, refs: Collection[AttemptRef]) -> dict[AttemptRef, LogHead]:
        """How far each log is stored; an attempt without output stands at 0.

        Two units of work that want to extend the same log must hold its job's lock.
        """

    def append(self, chunks: Sequence[LogChunk]) -> None:
        """Store chunks that continue their logs. A byte stored twice is refused by the store itself."""


class LogReading(Protocol):
    """Logs as they are read."""

    def read(self, ref: AttemptRef, *, offset: int, most: int) -> LogSlice:
        """What is stored from `offset` on: at least one record if there is one, and about `most` bytes.

        Nothing stored there gives an empty slice that ends where it began.
        """

    def stored(self, ref: AttemptRef) -> int:
        """How many bytes of this log are stored."""
