"""Log records as bytes: packed ones may be joined end to end."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Final

from ...domain.jobs.log import LogRecord, Stream

_HEAD: Final = Struct(">BqI")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def packed(records: Iterable[LogRecord]) -> bytes:
    parts: list[bytes] = []
    for record in records:
        parts += (_HEAD.pack(record.stream, (record.at - _EPOCH) // _MICROSECOND, len(record.data)), record.data)
    return b"".join(parts)


def unpacked(blob: bytes) -> Iterator[LogRecord]:
    at = 0
    while at < len(blob):
        stream, microseconds, size = _HEAD.unpack_from(blob, at)
        at += _HEAD.size
        moment = _EPOCH + timedelta(microseconds=microseconds)
        yield LogRecord(Stream(stream), moment, blob[at : at + size])
        at += size
