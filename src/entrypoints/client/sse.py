"""Server-sent events out of bytes, as far as Runyard uses them.

`httpx2` has a reader too, but it keeps silent about comments: a wait with a time limit needs to wake up on those.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `id` is where to resume after it, if the server said so."""

    name: str
    data: bytes
    id: str | None


class Parser:
    """Lines may arrive in any pieces; what was not ended by an empty line never becomes an event."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._name = "message"
        self._data: list[bytes] = []
        self._id: str | None = None

    def feed(self, piece: bytes) -> Iterator[Event]:
        """The events that are complete with this piece."""
        if b"\n" not in piece:
            self._rest.append(piece)
            return
        lines = b"".join([*self._rest, piece]).split(b"\n")
        self._rest = [lines.pop()]
        for line in lines:
            event = self._take(line.removesuffix(b"\r"))
            if event is not None:
                yield event

    def _take(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatched()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._name = value.decode()
        elif field == b"data":
            self._data.append(value)
        elif field == b"id":
            self._id = value.decode()
        return None

    def _dispatched(self) -> Event | None:
        event = Event(self._name, b"\n".join(self._data), self._id) if self._data else None
        self._name, self._data, self._id = "message", [], None
        return event
