"""The log of an attempt: what its process wrote, in the order it arrived.

Offsets count bytes of output of both streams together, in arrival order, from 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Self

from .errors import LogGap
from .ids import AttemptRef


class Stream(IntEnum):
    """Where a process wrote. `SYSTEM` is what the supervisor has to say (log limit reached, …)."""

    STDOUT = 1
    STDERR = 2
    SYSTEM = 3


@dataclass(frozen=True, slots=True)
class LogRecord:
    """Bytes of one stream that arrived together."""

    stream: Stream
    at: datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Records in a row; the first byte of the first record stands at `offset`."""

    ref: AttemptRef
    offset: int
    records: tuple[LogRecord, ...]

    @property
    def size(self) -> int:
        """How many bytes of output the records hold."""
        return sum(len(record.data) for record in self.records)

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + self.size

    def since(self, offset: int) -> Self:
        """The part that begins at `offset`, cutting a record if it must."""
        skip = offset - self.offset
        if skip <= 0:
            return self
        kept: list[LogRecord] = []
        for record in self.records:
            if skip < len(record.data):
                kept.append(replace(record, data=record.data[skip:]))
            skip = max(0, skip - len(record.data))
        return replace(self, offset=offset, records=tuple(kept))


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far the log of an attempt is stored."""

    ref: AttemptRef
    stored: int = 0

    def extended(self, chunk: LogChunk) -> tuple[Self, LogChunk | None]:
        """The head after storing the chunk, and the part of it that is new (None: nothing is).

        A repeated or overlapping chunk is harmless; one that leaves a gap is `LogGap`.
        """
        if chunk.offset > self.stored:
            raise LogGap(self.ref, self.stored)
        if chunk.end <= self.stored:
            return self, None
        return replace(self, stored=chunk.end), chunk.since(self.stored)


def joined(records: Sequence[LogRecord], only: Stream | None = None) -> bytes:
    """The bytes of the records, of one stream or of all."""
    return b"".join(record.data for record in records if only is None or record.stream is only)
