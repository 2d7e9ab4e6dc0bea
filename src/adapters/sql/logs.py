"""The output of attempts, a blob of records per chunk."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, func, select

from ...application.ports.logs import LogSlice
from ...domain.jobs.errors import LogGap
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.log import LogChunk, LogHead, LogRecord
from .arrays import among, has_arrays, listed
from .batch import insert_all, update_all
from .columns import BIG
from .packing import packed, unpacked
from .tables.logs import LOG, LOG_CHUNK

_FULL: Final = 1 << 20
_STEP: Final = 64


class SqlLogReading:
    """Logs as they are read; only the chunks asked for leave the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, ref: AttemptRef, *, offset: int, most: int) -> LogSlice:
        return LogSlice.of(self._chunks_from(ref, offset), offset=offset, most=most)

    def stored(self, refs: Collection[AttemptRef]) -> dict[AttemptRef, int]:
        return dict.fromkeys(refs, 0) | stored(self._connection, refs)

    def _chunks_from(self, ref: AttemptRef, offset: int) -> Iterator[LogChunk]:
        start = self._connection.scalar(_HOLDING, _place(ref, offset))
        while start is not None:
            places = self._connection.execute(_PLACES, _place(ref, start)).all()
            for at, size in places:
                start = at + size
                if start > offset:
                    yield self._chunk(ref, at)
            if len(places) < _STEP:
                return

    def _chunk(self, ref: AttemptRef, start: int) -> LogChunk:
        blob = self._connection.execute(_RECORDS, _place(ref, start)).scalar_one()
        return LogChunk(ref, start, tuple(unpacked(blob)))


class SqlLogs:
    """Logs as they grow. Their heads refuse what does not continue them, and their keys what is there already.

    Heads that were asked for stand still until the end, as their jobs are locked: they are not read again.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._heads: dict[AttemptRef, int | None] = {}

    def heads(self, refs: Collection[AttemptRef]) -> dict[AttemptRef, LogHead]:
        known = stored(self._connection, refs)
        self._heads |= {ref: known.get(ref) for ref in refs}
        return {ref: LogHead(ref, known.get(ref, 0)) for ref in refs}

    def append(self, chunks: Sequence[LogChunk]) -> None:
        refs = {chunk.ref for chunk in chunks}
        ends = {ref: end for ref in refs if (end := self._heads.get(ref)) is not None}
        ends |= stored(self._connection, refs - self._heads.keys())
        old, new = dict(ends), list[LogChunk]()
        for chunk in chunks:
            end = ends.get(chunk.ref, 0)
            if chunk.offset != end:
                raise LogGap(chunk.ref, end)
            if chunk.size:
                new.append(chunk)
                ends[chunk.ref] = chunk.end
        self._save_heads(old, ends)
        self._heads |= {ref: ends[ref] for ref in self._heads.keys() & ends.keys()}
        insert_all(self._connection, LOG_CHUNK, [_row(chunk) for chunk in _evened(new)])

    def _save_heads(self, old: dict[AttemptRef, int], ends: dict[AttemptRef, int]) -> None:
        moved = {ref: end for ref, end in ends.items() if end != old.get(ref)}
        rows = [{"job_id": ref.job_id, "attempt": ref.number, "stored": end} for ref, end in moved.items()]
        known = [row for row, ref in zip(rows, moved, strict=True) if ref in old]
        update_all(self._connection, LOG, ("job_id", "attempt"), known)
        insert_all(self._connection, LOG, [row for row, ref in zip(rows, moved, strict=True) if ref not in old])


def stored(connection: Connection, refs: Collection[AttemptRef]) -> dict[AttemptRef, int]:
    """How far these logs are stored; those without output are missing."""
    if not refs:
        return {}
    condition = among(LOG.c.job_id, "ids", arrays=has_arrays(connection))
    ids = listed(connection, {ref.job_id for ref in refs})
    rows = connection.execute(select(LOG).where(condition), {"ids": ids})
    found = {AttemptRef(row.job_id, row.attempt): row.stored for row in rows}
    return {ref: found[ref] for ref in refs if ref in found}


def _evened(chunks: Sequence[LogChunk]) -> Iterator[LogChunk]:
    """The same output with what continues each other in one chunk, up to a size."""
    for ref, run in groupby(sorted(chunks, key=_order), key=lambda chunk: chunk.ref):
        gathered: list[LogRecord] = []
        start = end = -1
        for chunk in run:
            if gathered and end - start + chunk.size > _FULL:
                yield LogChunk(ref, start, tuple(gathered))
                gathered = []
            start = start if gathered else chunk.offset
            gathered += chunk.records
            end = chunk.end
        yield LogChunk(ref, start, tuple(gathered))


def _order(chunk: LogChunk) -> tuple[AttemptRef, int]:
    return chunk.ref, chunk.offset


def _row(chunk: LogChunk) -> dict[str, Any]:
    return {**_place(chunk.ref, chunk.offset), "size": chunk.size, "records": packed(chunk.records)}


def _place(ref: AttemptRef, start: int) -> dict[str, Any]:
    return {"job_id": ref.job_id, "attempt": ref.number, "start": start}


_LOG: Final = and_(LOG_CHUNK.c.job_id == bindparam("job_id"), LOG_CHUNK.c.attempt == bindparam("attempt"))
_START: Final = bindparam("start", type_=BIG)
_HOLDING: Final = select(func.max(LOG_CHUNK.c.start)).where(_LOG, LOG_CHUNK.c.start <= _START)
_RECORDS: Final = select(LOG_CHUNK.c.records).where(_LOG, LOG_CHUNK.c.start == _START)
_PLACES: Final = (
    select(LOG_CHUNK.c.start, LOG_CHUNK.c.size)
    .where(_LOG, LOG_CHUNK.c.start >= _START)
    .order_by(LOG_CHUNK.c.start)
    .limit(_STEP)
)
