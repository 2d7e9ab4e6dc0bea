"""Output of an attempt as agents send it: records of stream, time and bytes, one after the other."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Final

from ..domain.jobs.log import LogRecord, Stream

MEDIA_TYPE: Final = "application/vnd.runyard.records"
_HEAD: Final = Struct(">BqI")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def encoded(records: Iterable[LogRecord]) -> bytes:
    """The records as bytes."""
    parts: list[bytes] = []
    for each in records:
        parts += [_HEAD.pack(each.stream, (each.at - _EPOCH) // _MICROSECOND, len(each.data)), each.data]
    return b"".join(parts)


def decoded(data: bytes) -> Iterator[LogRecord]:
    """The records in it, or `ValueError`."""
    at = 0
    while at < len(data):
        if at + _HEAD.size > len(data):
            raise ValueError("a record is cut off")
        stream, microseconds, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + size > len(data):
            raise ValueError("a record is cut off")
        try:
            moment = _EPOCH + microseconds * _MICROSECOND
        except OverflowError:
            raise ValueError("a record has no possible time") from None
        yield LogRecord(Stream(stream), moment, data[at : at + size])
        at += size
