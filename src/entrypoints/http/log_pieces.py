"""Output cut into pieces that JSON can carry, without a byte more, less or elsewhere."""

from base64 import b64encode
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from ...domain.jobs.log import LogChunk, Stream

MOST_BYTES: Final = 64 * 1024
_Decoder: Final = getincrementaldecoder("utf-8")
_CONTINUES: Final = range(0x80, 0xC0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of one stream; `text` is None if they are not whole characters of UTF-8."""

    stream: Stream
    offset: int
    data: bytes
    text: str | None

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + len(self.data)

    def document(self, attempt: int) -> dict[str, Any]:
        """As a client reads it."""
        return {
            "attempt": attempt,
            "stream": self.stream.name.lower(),
            "offset": self.offset,
            "encoding": "utf-8" if self.text is not None else "base64",
            "data": self.text if self.text is not None else b64encode(self.data).decode(),
        }


class PieceCutter:
    """Cuts one attempt's log, in order and without gaps. A piece of text never cuts a character.

    The beginning of a character is held back until the rest comes; if another stream speaks first, or
    nothing comes any more, it goes out as bytes.
    """

    def __init__(self) -> None:
        self._held: tuple[Stream, int, bytes] | None = None

    def feed(self, chunks: Iterable[LogChunk]) -> Iterator[Piece]:
        """The pieces of these chunks, which continue what was fed before."""
        for chunk in chunks:
            at = chunk.offset
            for stream, records in groupby(chunk.records, key=lambda record: record.stream):
                data = b"".join(record.data for record in records)
                yield from self._run(stream, at, data)
                at += len(data)

    def finish(self) -> Iterator[Piece]:
        """What was held back, for good."""
        if self._held is not None:
            stream, at, data = self._held
            self._held = None
            yield Piece(stream, at, data, None)

    def _run(self, stream: Stream, at: int, data: bytes) -> Iterator[Piece]:
        if self._held is not None and self._held[0] is not stream:
            yield from self.finish()
        for begin in range(0, len(data), MOST_BYTES):
            yield from self._slice(stream, at + begin, data[begin : begin + MOST_BYTES])

    def _slice(self, stream: Stream, at: int, data: bytes) -> Iterator[Piece]:
        if self._held is not None:
            _, at, held = self._held
            data, self._held = held + data, None
        strays = next((count for count, byte in enumerate(data[:4]) if byte not in _CONTINUES), len(data[:4]))
        if 0 < strays < 4:
            yield Piece(stream, at, data[:strays], None)
            at, data = at + strays, data[strays:]
        decoder = _Decoder()
        try:
            text = decoder.decode(data)
        except UnicodeDecodeError:
            yield Piece(stream, at, data, None)
            return
        rest = decoder.getstate()[0]
        whole = data[: len(data) - len(rest)]
        if whole:
            yield Piece(stream, at, whole, text)
        if rest:
            self._held = (stream, at + len(whole), rest)
