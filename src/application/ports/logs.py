"""The stored output of attempts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.log import LogChunk, LogHead


@dataclass(frozen=True, slots=True)
class LogSlice:
    """A stretch of a log: chunks without gaps, and the offset behind them."""

    chunks: tuple[LogChunk, ...]
    end: int

    @classmethod
    def of(cls, stored: Iterable[LogChunk], *, offset: int, most: int) -> Self:
        """From the chunks that hold `offset` and follow it: whole records until there are `most` bytes or more."""
        chunks: list[LogChunk] = []
        end = offset
        for chunk in stored:
            rest = chunk.since(offset)
            kept = _until(rest, offset + most)
            if kept.size:
                chunks.append(kept)
                end = kept.end
            if kept.end < rest.end or end - offset >= most:
                break
        return cls(tuple(chunks), end)


def _until(chunk: LogChunk, end: int) -> LogChunk:
    """The chunk up to the record that reaches `end`; never without a byte."""
    at = chunk.offset
    for count, record in enumerate(chunk.records, 1):
        at += len(record.data)
        if at >= end and at > chunk.offset:
            return replace(chunk, records=chunk.records[:count])
    return chunk


class Logs(Protocol):
    """Logs as they grow. Writes live and die with the unit of work."""

    def heads(self, refs: Collection[AttemptRef]) -> dict[AttemptRef, LogHead]:
        """How far each log is stored; an attempt without output stands at 0.

        Two units of work that want to extend the same log must hold its job's lock.
        """

    def append(self, chunks: Sequence[LogChunk]) -> None:
        """Store chunks that continue their logs, or `LogGap`: nothing is stored twice and nothing is left out."""


class LogReading(Protocol):
    """Logs as they are read."""

    def read(self, ref: AttemptRef, *, offset: int, most: int) -> LogSlice:
        """What is stored from `offset` on: at least one record if there is one, and about `most` bytes.

        Nothing stored there gives an empty slice that ends where it began.
        """

    def stored(self, refs: Collection[AttemptRef]) -> dict[AttemptRef, int]:
        """How many bytes of each of these logs are stored; 0 where there are none."""
