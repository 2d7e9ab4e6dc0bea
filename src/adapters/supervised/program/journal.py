"""The journal: the newest record of every attempt, in files that only grow.

A record is length, crc32, payload; the payload is a kind, the length of its JSON, the JSON, and bytes.
The newest record of a key counts, `FORGOTTEN` ends it. A new file begins when one is full; an old one is
deleted when nothing in it counts any more, and what still counts is carried over before they are many.
"""

from __future__ import annotations

import errno
import json
import os
import struct
import zlib
from typing import Any, Iterator, NamedTuple

OWNED, VOID, EXIT, BROKEN, FORGOTTEN = b"O", b"V", b"X", b"B", b"F"

_FRAME = struct.Struct("<II")
_HEAD = struct.Struct("<cI")
_FILE_SIZE = 8 << 20
_MAX_RECORD = 4 << 20
_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode


class Place(NamedTuple):
    """Where a record stands."""

    file: int
    position: int
    length: int


class Entry(NamedTuple):
    """One record, read again."""

    kind: bytes
    body: dict[str, Any]
    tail: bytes


class Journal:
    """Written by one supervisor at a time. Writing does not sync; `due` names what to sync, close and delete."""

    def __init__(self, directory: str, file_size: int = _FILE_SIZE) -> None:
        self._directory = directory
        self._file_size = file_size
        self._places: dict[str, Place] = {}
        self._counts: dict[int, int] = {}  # keys that stand in a file, oldest file first
        self._full: list[int] = []
        self._doomed: list[str] = []
        self._replay()
        self._number = max(self._counts, default=0)
        self._descriptor = -1
        self._size = 0
        self._begin_file()

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """What counts, key by key."""
        for key, place in list(self._places.items()):
            yield key, _entry(self._payload(place))

    def read(self, key: str) -> Entry:
        """The newest record of a key."""
        return _entry(self._payload(self._places[key]))

    def put(self, kind: bytes, key: str, body: dict[str, Any], tail: bytes = b"") -> None:
        """Append the newest record of a key."""
        text = _encode(dict(body, k=key)).encode("ascii")
        self._append(key, _HEAD.pack(kind, len(text)) + text + tail)
        self._rotate()

    def forget(self, key: str) -> None:
        """Nothing of this key counts any more."""
        place = self._places.pop(key, None)
        if place is not None:
            self._counts[place.file] -= 1
            text = _encode({"k": key}).encode("ascii")
            self._write(_HEAD.pack(FORGOTTEN, len(text)) + text)
            self._rotate()

    def due(self) -> tuple[int, list[int], list[str]]:
        """The file to sync; full ones, to sync and close; and what to delete when that is done."""
        full, self._full = self._full, []
        doomed, self._doomed = self._doomed, []
        return self._descriptor, full, doomed

    def _append(self, key: str, payload: bytes) -> None:
        position = self._write(payload)
        old = self._places.get(key)
        if old is not None:
            self._counts[old.file] -= 1
        self._places[key] = Place(self._number, position, len(payload))
        self._counts[self._number] += 1

    def _write(self, payload: bytes) -> int:
        data = _FRAME.pack(len(payload), zlib.crc32(payload)) + payload
        written = os.write(self._descriptor, data)
        if written != len(data):  # a full disk: nothing may ever follow a half record
            os.ftruncate(self._descriptor, self._size)
            raise OSError(errno.ENOSPC, "the journal cannot be written")
        self._size += len(data)
        return self._size - len(payload)

    def _rotate(self) -> None:
        if self._size < self._file_size:
            return
        self._full.append(self._descriptor)
        self._begin_file()
        counting = sum(place.length for place in self._places.values())
        while len(self._counts) > 3 + 2 * counting // self._file_size:
            self._carry_over(next(iter(self._counts)))

    def _carry_over(self, number: int) -> None:
        for key, place in list(self._places.items()):
            if place.file == number:
                self._append(key, self._payload(place))
        self._drop_empty()

    def _drop_empty(self) -> None:
        """Oldest first: a file may hold the end of what an older one still tells of."""
        for number, count in list(self._counts.items()):
            if count or number == self._number:
                return
            del self._counts[number]
            self._doomed.append(self._path(number))

    def _begin_file(self) -> None:
        self._number += 1
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self._path(self._number), flags, 0o600)
        self._size = 0
        self._counts[self._number] = 0
        sync_directory(self._directory)
        self._drop_empty()

    def _path(self, number: int) -> str:
        return os.path.join(self._directory, f"journal.{number}")

    def _payload(self, place: Place) -> bytes:
        with open(self._path(place.file), "rb") as file:
            file.seek(place.position)
            return file.read(place.length)

    def _replay(self) -> None:
        names = [name[8:] for name in os.listdir(self._directory) if name.startswith("journal.")]
        for number in sorted(int(name) for name in names if name.isdigit()):
            self._counts[number] = 0
            with open(self._path(number), "rb") as file:
                for position, payload in _payloads(file.read()):
                    self._replayed(Place(number, position, len(payload)), _entry(payload))

    def _replayed(self, place: Place, entry: Entry) -> None:
        key = str(entry.body["k"])
        old = self._places.pop(key, None)
        if old is not None:
            self._counts[old.file] -= 1
        if entry.kind != FORGOTTEN:
            self._places[key] = place
            self._counts[place.file] += 1


def sync_directory(path: str) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _entry(payload: bytes) -> Entry:
    kind, length = _HEAD.unpack_from(payload)
    start = _HEAD.size + length
    return Entry(kind, json.loads(payload[_HEAD.size : start]), payload[start:])


def _payloads(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The whole records of a file; what follows the first torn one was never acted upon."""
    position = 0
    while len(data) - position >= _FRAME.size:
        length, checksum = _FRAME.unpack_from(data, position)
        start = position + _FRAME.size
        payload = data[start : start + length]
        if length > _MAX_RECORD or len(payload) != length or zlib.crc32(payload) != checksum or length < _HEAD.size:
            return
        yield start, payload
        position = start + length
