"""The use cases of this process, as one caller may use them."""

from collections.abc import Callable
from typing import Any

from ...application.accounts.guard import Guarded, Who


class Admitted:
    """A container of use cases, each of them guarded for the caller; it is all that a facade gets to see."""

    def __init__(self, container: Any, who: Who, read: Any, refusals: Any) -> None:
        self._container = container
        self._who = who
        self._read = read
        self._refusals = refusals

    def __getattr__(self, name: str) -> Callable[[], Guarded[Any, Any]]:
        provider = getattr(self._container, name)
        return lambda: Guarded(provider(), self._who, self._read, self._refusals)
