"""Values of secrets, replaced in what a simulated process writes."""

from collections.abc import Iterable
from typing import Final

from ...domain.jobs.log import Stream
from .scripted import Say

_MASK: Final = b"[masked]"


class MemoryMasks:
    """Looks for values as they are. What may be the beginning of one is held back until its stream goes on or ends."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted((value.strip().encode() for value in values), key=len, reverse=True)
        self._held: dict[Stream, bytes] = {}
        self.found: int | None = 0 if self._values else None

    def shown(self, stream: Stream, data: bytes, *, last: bool = False) -> bytes:
        """What can be shown of the stream by now."""
        data = self._replaced(self._held.pop(stream, b"") + data)
        keep = 0 if last else max((self._begun(value, data) for value in self._values), default=0)
        self._held[stream] = data[len(data) - keep :]
        return data[: len(data) - keep]

    def said(self, what: Say) -> Say:
        """The report with every value replaced."""
        progress, result = what.progress, what.result
        if progress and progress.message:
            progress = type(progress)(percent=progress.percent, message=self._text(progress.message))
        return Say(progress, result and self._text(result))

    def _text(self, text: str) -> str:
        return self._replaced(text.encode()).decode()

    def _replaced(self, data: bytes) -> bytes:
        for value in self._values:
            self.found = (self.found or 0) + data.count(value)
            data = data.replace(value, _MASK)
        return data

    def _begun(self, value: bytes, data: bytes) -> int:
        return next((length for length in range(len(value) - 1, 0, -1) if data.endswith(value[:length])), 0)
