"""The output of attempts."""

from collections.abc import Collection, Sequence

from ...application.ports.logs import LogSlice
from ...domain.jobs.errors import LogGap
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.log import LogChunk, LogHead
from .state import State


class MemoryLogReading:
    """Logs as they are read."""

    def __init__(self, state: State) -> None:
        self._state = state

    def read(self, ref: AttemptRef, *, offset: int, most: int) -> LogSlice:
        chunks = self._state.logs.get(ref, ())
        return LogSlice.of((chunk for chunk in chunks if chunk.end > offset), offset=offset, most=most)

    def stored(self, refs: Collection[AttemptRef]) -> dict[AttemptRef, int]:
        return {ref: chunks[-1].end if (chunks := self._state.logs.get(ref)) else 0 for ref in refs}


class MemoryLogs:
    """Logs as they grow."""

    def __init__(self, state: State) -> None:
        self._state = state

    def heads(self, refs: Collection[AttemptRef]) -> dict[AttemptRef, LogHead]:
        return {ref: LogHead(ref, stored) for ref, stored in MemoryLogReading(self._state).stored(refs).items()}

    def append(self, chunks: Sequence[LogChunk]) -> None:
        for chunk in chunks:
            stored = self._state.logs.get(chunk.ref, ())
            end = stored[-1].end if stored else 0
            if chunk.offset != end:
                raise LogGap(chunk.ref, end)
            if chunk.size:
                self._state.logs[chunk.ref] = (*stored, chunk)
