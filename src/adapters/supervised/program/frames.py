"""Frames, the words between a supervisor and its collector: a 13-byte header and a body."""

from __future__ import annotations

import json
import struct
from typing import Any

VERSION = 2
HEADER = struct.Struct(">IBQ")  # length of the body, type, handle of the attempt
OFFSET = struct.Struct(">Q")
MAX_BODY = 8 << 20
MAX_DATA = 1 << 20

# From the collector. START and RESUME bind the handle in their header to the key in their body, for this
# connection; SIGNAL and ACK name the key, RENEW names many.
HELLO, START, RESUME, SIGNAL, ACK, STOP, LIST, RENEW = 1, 2, 3, 4, 5, 6, 7, 8
# From the supervisor. DATA is an offset and records, every other body is a JSON object.
WELCOME, STARTED, DATA, REPORTED, ENDED, VOIDED, BROKEN, STOPPING, LISTED = 65, 66, 67, 68, 69, 70, 71, 72, 73
GONE = 74  # output before this offset was acknowledged once, and is asked for again

TYPES = frozenset((*range(HELLO, RENEW + 1), *range(WELCOME, GONE + 1)))

_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


class BadFrame(Exception):
    """What the other side sent is no frame; the connection is of no use any more."""


def control(kind: int, handle: int, body: dict[str, Any]) -> bytes:
    """A frame with a JSON body."""
    text = _encode(body).encode("ascii")
    if len(text) > MAX_BODY:
        raise BadFrame(f"a body of {len(text)} bytes is too large")
    return HEADER.pack(len(text), kind, handle) + text


def data_header(handle: int, offset: int, length: int) -> bytes:
    """What goes before `length` bytes of records that begin at `offset`."""
    return HEADER.pack(length + 8, DATA, handle) + OFFSET.pack(offset)


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object of a control frame."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadFrame("the body is not JSON") from error
    if not isinstance(value, dict):
        raise BadFrame("the body is not a JSON object")
    return value


class FrameReader:
    """Cuts what arrives into frames, however it arrives."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """How many bytes wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """The frames complete by now as (type, handle, body); `BadFrame` for anything else."""
        buffer = self._buffer
        buffer += data
        frames = []
        position, end = 0, len(buffer)
        while end - position >= HEADER.size:
            length, kind, handle = HEADER.unpack_from(buffer, position)
            if kind not in TYPES or length > (MAX_DATA if kind == DATA else MAX_BODY):
                raise BadFrame(f"type {kind} with {length} bytes")
            if end - position - HEADER.size < length:
                break
            start = position + HEADER.size
            position = start + length
            frames.append((kind, handle, bytes(memoryview(buffer)[start:position])))
        del buffer[:position]
        return frames
