"""What callers attempted and what they were told, one JSON line for each, written before and after the call."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from runyard.entrypoints.client.errors import RunyardClientError
from runyard.entrypoints.client.jobs import Job

PATIENCE = 90.0


class History:
    """Shared by all callers."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file.open("a"), Lock()
        self.path = file

    def write(self, who: str, call: str, about: str, **told: Any) -> None:
        line = json.dumps({"at": round(time.monotonic(), 4), "who": who, "call": call, "about": about, **told})
        with self._lock:
            print(line, file=self._file, flush=True)

    def insisting(self, who: str, call: str, about: str, act: Callable[[], Job]) -> Job:
        """Calls until there is an answer, as a caller with a key may; any process may be dead at any time."""
        end = time.monotonic() + PATIENCE
        while True:
            self.write(who, call, about)
            try:
                job = act()
            except RunyardClientError as error:
                self.write(who, call, about, error=type(error).__name__)
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
            else:
                self.write(who, call, about, job=job.id, state=job.state)
                return job

    def close(self) -> None:
        self._file.close()

    def answers(self, call: str) -> dict[str, list[dict[str, Any]]]:
        """What was answered to each call of this kind, by what it was about."""
        lines = map(json.loads, self.path.read_text().splitlines())
        found: dict[str, list[dict[str, Any]]] = {}
        for line in lines:
            if line["call"] == call and "job" in line:
                found.setdefault(line["about"], []).append(line)
        return found
