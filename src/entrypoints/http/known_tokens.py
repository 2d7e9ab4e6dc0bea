"""Tokens that opened the door lately: whoever has one is not held up because others try wrong ones beside him."""

from time import monotonic
from typing import Final

_REMEMBERED_SECONDS: Final = 3600.0
_MOST: Final = 10_000


class KnownTokens:
    """Digests, never tokens, each for an hour after it was last right."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def add(self, digest: str) -> None:
        """It was right just now."""
        self._until.pop(digest, None)
        self._until[digest] = monotonic() + _REMEMBERED_SECONDS
        if len(self._until) > _MOST:
            del self._until[next(iter(self._until))]

    def __contains__(self, digest: str) -> bool:
        return self._until.get(digest, 0.0) > monotonic()
