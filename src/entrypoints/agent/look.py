"""Whether this machine can take a job: a look before each time that one is asked for."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import structlog

from ...domain.runners.agent import MachineFacts, Room


class Preflight:
    """Something is taken only while the work root can be written and enough is free. What is wrong is told once."""

    def __init__(
        self, folder: Path, least: int, facts: Callable[[Path], MachineFacts], room: Callable[[Path], Room]
    ) -> None:
        self._folder, self._least, self._facts, self._room = folder, least, facts, room
        self._log = structlog.get_logger()
        self._lock = Lock()
        self.wrong: str | None = None

    def passes(self) -> bool:
        """Whether it can."""
        with self._lock:
            wrong = self._wrong()
            if wrong != self.wrong:
                if wrong:
                    self._log.warning("nothing is taken", why=wrong)
                else:
                    self._log.warning("work is taken again")
            self.wrong = wrong
        return wrong is None

    def facts(self) -> MachineFacts:
        """What the machine is."""
        return self._facts(self._folder)

    def room_body(self) -> dict[str, Any]:
        """What is free on it, as it is told."""
        room = self._room(self._folder)
        return {"memory": room.memory, "disk": room.disk}

    def _wrong(self) -> str | None:
        probe = self._folder / "probe"
        try:
            probe.write_bytes(b"\0" * 4096)
        except OSError as error:
            return f"{self._folder} cannot be written: {error.strerror}"
        finally:
            with suppress(OSError):
                probe.unlink()
        free = self._room(self._folder).disk
        if free is not None and free < self._least:
            return f"{free >> 20} MiB are free in {self._folder}, and nothing is taken below {self._least >> 20} MiB"
        return None
