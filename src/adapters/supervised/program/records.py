"""Output as records: stream, time in microseconds, length, bytes. Offsets count the bytes, not the headers."""

from __future__ import annotations

import struct

RECORD = struct.Struct("<BQI")

STDOUT, STDERR, SYSTEM = 1, 2, 3


class BadRecord(Exception):
    """These bytes are not records in a row."""


def encode(stream: int, at: int, data: bytes) -> bytes:
    """One record."""
    return RECORD.pack(stream, at, len(data)) + data


def decode(data: bytes | memoryview) -> list[tuple[int, int, bytes]]:
    """All records of a row as (stream, time, bytes)."""
    found = []
    position, end = 0, len(data)
    while position < end:
        stream, at, size = _header(data, position, end)
        start = position + RECORD.size
        position = start + size
        if position > end:
            raise BadRecord("the last record is cut")
        found.append((stream, at, bytes(data[start:position])))
    return found


def measure(data: bytes, limit: int) -> tuple[int, int]:
    """How much of the row is whole records, as (encoded bytes, payload bytes), `limit` encoded bytes at most.

    At least one record if there is a whole one, however large; a cut or foreign rest is not counted.
    """
    position, payload, end = 0, 0, len(data)
    while end - position >= RECORD.size:
        stream, _, size = RECORD.unpack_from(data, position)
        following = position + RECORD.size + size
        if following > end or not STDOUT <= stream <= SYSTEM or (position and following > limit):
            break
        position, payload = following, payload + size
    return position, payload


def locate(data: bytes, skip: int, position: int = 0) -> tuple[int, int]:
    """Where the record with payload byte `skip` behind `position` stands, and how many of its bytes come before."""
    end = len(data)
    while end - position >= RECORD.size:
        size = RECORD.unpack_from(data, position)[2]
        if skip < size:
            return position, skip
        skip -= size
        position += RECORD.size + size
    return position, 0


def without(data: bytes, skip: int) -> bytes:
    """The row without the first `skip` payload bytes of its first record."""
    if not skip:
        return data
    stream, at, size = _header(data, 0, len(data))
    rest = data[RECORD.size + skip :]
    return RECORD.pack(stream, at, size - skip) + rest


def _header(data: bytes | memoryview, position: int, end: int) -> tuple[int, int, int]:
    if end - position < RECORD.size:
        raise BadRecord("the last header is cut")
    stream, at, size = RECORD.unpack_from(data, position)
    if not STDOUT <= stream <= SYSTEM:
        raise BadRecord(f"no stream {stream}")
    return stream, at, size
