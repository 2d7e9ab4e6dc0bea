"""The output of one attempt: the newest records in memory, what outgrows that in segment files.

Everything stays until it is acknowledged. Offsets count payload bytes.
"""

from __future__ import annotations

import contextlib
import os
from typing import Callable, NamedTuple

from .records import RECORD, encode, locate, measure, without

MEMORY = 64 << 10
SEGMENT = (1 << 20) - (1 << 10)
HIGH = 64 << 20
LOW = 60 << 20
_TOGETHER = 10_000  # microseconds within which small writes of one stream become one record
_SMALL = 4096


class Segment(NamedTuple):
    """A file of whole records; `start` and `end` count payload bytes, `length` those of the file."""

    start: int
    end: int
    length: int


class Spool:
    """Append at the end, read anywhere, drop from the beginning."""

    def __init__(self, directory: str, name: str) -> None:
        self._stem = os.path.join(directory, "o", name + ".")
        self._segments: list[Segment] = []
        self._on_disk = 0
        self._memory = bytearray()
        self._recall: Callable[[], bytes] | None = None
        self._open = -1  # the last segment, while it grows
        self._last = -1  # where the last record stands in memory, while it may still grow
        self._hint = (0, 0)  # payload offset and place in memory where the last reading ended
        self._unsynced: list[str] = []
        self._stuck = False
        self.memory_start = 0
        self.base = 0  # acknowledged up to here
        self.size = 0

    @property
    def held(self) -> int:
        """How many bytes wait on disk and in memory."""
        return self._on_disk + len(self._memory)

    @property
    def memory(self) -> bytes:
        """The newest records, which are in no file."""
        return bytes(self._memory) if self._recall is None else self._recall()

    def full(self, mark: int = HIGH) -> bool:
        """Whether no more should be taken in."""
        if self._stuck:
            self._spill()
        return self._stuck or self.held >= mark

    def append(self, stream: int, at: int, data: bytes) -> None:
        """Keep what arrived; at most `MEMORY` bytes at once."""
        if not self._grown(stream, at, data):
            if len(self._memory) + len(data) > MEMORY:
                self._spill()
            self._last = len(self._memory)
            self._memory += encode(stream, at, data)
        self.size += len(data)

    def read(self, offset: int) -> tuple[int, int, bytes]:
        """Records in a row from `offset` on, less than 1 MiB of them: where they begin, where they end, they."""
        offset = max(offset, self.base)
        for segment in self._segments:
            if offset < segment.end:
                start = max(offset, segment.start)
                row = self._file(segment)
                position, within = locate(row, start - segment.start)
                return start, segment.end, without(row[position:], within)
        offset = min(max(offset, self.memory_start), self.size)
        return offset, self.size, self._read_memory(offset)

    def acknowledge(self, offset: int) -> None:
        """Everything before `offset` may go."""
        self.base = max(self.base, min(offset, self.size))
        while self._segments and self._segments[0].end <= self.base:
            segment = self._segments.pop(0)
            if not self._segments:
                self._close()
            self._on_disk -= segment.length
            os.unlink(self._stem + str(segment.start))
        if self.base == self.size and self._memory:
            self._clear()

    def unsynced(self) -> list[str]:
        """The files no sync has seen since this was asked last; nothing is added to them any more."""
        self._close()
        names, self._unsynced = self._unsynced, []
        alive = {self._stem + str(segment.start) for segment in self._segments}
        return [name for name in names if name in alive]

    def kept_elsewhere(self, recall: Callable[[], bytes]) -> None:
        """The part in memory can be had from there now. Nothing is appended any more."""
        self._memory = bytearray()
        self._last, self._hint, self._recall = -1, (self.memory_start, 0), recall

    def restore(self, starts: list[int], memory_start: int | None, recall: Callable[[], bytes]) -> None:
        """Take over what a supervisor before us left: segments, and the part that was in memory, if it was saved."""
        for start in sorted(starts):
            with open(self._stem + str(start), "rb") as file:
                length, payload = measure(file.read(), HIGH)
            self._segments.append(Segment(start, start + payload, length))
            self._on_disk += length
        end = self._segments[-1].end if self._segments else 0
        self.memory_start = end if memory_start is None else memory_start
        self.size = self.memory_start + measure(recall(), HIGH)[1]
        self.base = self._segments[0].start if self._segments else self.memory_start
        self.kept_elsewhere(recall)

    def _grown(self, stream: int, at: int, data: bytes) -> bool:
        if self._last < 0 or len(self._memory) > MEMORY - _SMALL:
            return False
        last_stream, last_at, size = RECORD.unpack_from(self._memory, self._last)
        if last_stream != stream or at - last_at > _TOGETHER or size + len(data) > _SMALL:
            return False
        RECORD.pack_into(self._memory, self._last, stream, last_at, size + len(data))
        self._memory += data
        return True

    def _read_memory(self, offset: int) -> bytes:
        row = self.memory
        self._last = -1  # what has been read must not change
        hint, place = self._hint if self._hint[0] <= offset else (self.memory_start, 0)
        position, within = locate(row, offset - hint, place)
        self._hint = (self.size, len(row))
        return without(row[position:], within)

    def _file(self, segment: Segment) -> bytes:
        with open(self._stem + str(segment.start), "rb", buffering=0) as file:
            return file.read(segment.length)

    def _spill(self) -> None:
        """Memory goes to a segment; if the disk does not take it, it stays, and the spool is full."""
        self._stuck = bool(self._memory)
        if not self._stuck:
            return
        with contextlib.suppress(OSError):
            segment = self._growing()
            written = os.write(self._open, self._memory)
            if written != len(self._memory):
                os.ftruncate(self._open, segment.length)
                return
            self._segments[-1] = Segment(segment.start, self.size, segment.length + written)
            self._on_disk += written
            self._stuck = False
            self._clear()

    def _growing(self) -> Segment:
        """The last segment, with room for what is in memory."""
        if self._open < 0 or self._segments[-1].length + len(self._memory) > SEGMENT:
            self._close()
            path = self._stem + str(self.memory_start)
            self._open = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._unsynced.append(path)
            self._segments.append(Segment(self.memory_start, self.memory_start, 0))
        return self._segments[-1]

    def _clear(self) -> None:
        self._memory.clear()
        self.memory_start, self._last, self._hint = self.size, -1, (self.size, 0)

    def _close(self) -> None:
        if self._open >= 0:
            os.close(self._open)
            self._open = -1
