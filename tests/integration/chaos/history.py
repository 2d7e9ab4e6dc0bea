"""What callers attempted and what they were told, one JSON line for each, written before and after the call."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from runyard.entrypoints.client.errors import RunyardClientError, passing

PATIENCE = 180.0

T = TypeVar("T")


class History:
    """Shared by all callers."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file.open("a"), Lock()
        self.path = file

    def write(self, who: str, call: str, about: str, **told: Any) -> None:
        line = {"at": round(time.time(), 4), "who": who, "call": call, "about": about, **told}
        with self._lock:
            print(json.dumps(line), file=self._file, flush=True)

    def insisting(self, who: str, call: str, about: Sequence[str], act: Callable[[], T]) -> T:
        """Calls until there is an answer, as a caller with a key may; any process may be dead at any time."""
        end = time.monotonic() + PATIENCE
        while True:
            for each in about:
                self.write(who, call, each)
            try:
                return act()
            except RunyardClientError as error:
                for each in about:
                    self.write(who, call, each, error=error.code)
                if not passing(error) or time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def close(self) -> None:
        self._file.close()

    def lines(self) -> list[dict[str, Any]]:
        """Everything, in order."""
        return [json.loads(line) for line in self.path.read_text().splitlines()]
