"""What a job says of itself in the file `RUNYARD_REPORT` names: JSON lines, read as they are appended."""

from __future__ import annotations

import json
import math
import os
import stat
from typing import Any

_MAX_LINE = 64 << 10
_MAX_READ = 1 << 20
_MAX_MESSAGE = 1000


class Report:
    """The newest progress and result. Whatever else the file holds is ignored."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""
        self._skipping = False
        self.exists = False
        self.percent: float | None = None
        self.message: str | None = None
        self.result: str | None = None

    def poll(self, last: bool = False) -> bool:
        """Read what is new; at the last time a line may lack its end. Whether anything was said."""
        data = self._appended(last)
        changed = self._lines(data) if data else False
        if last and self._rest and not self._skipping:
            changed = self._line(self._rest) or changed
        return changed

    def body(self) -> dict[str, Any]:
        """The newest of everything, as a frame has it."""
        found = {"percent": self.percent, "message": self.message, "result": self.result}
        return {name: value for name, value in found.items() if value is not None}

    def _appended(self, last: bool) -> bytes:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return b""
        try:
            found = os.fstat(descriptor)
            self.exists = True
            if not stat.S_ISREG(found.st_mode):
                return b""
            if found.st_size < self._offset:
                self._offset, self._rest, self._skipping = 0, b"", False
            if last and found.st_size - self._offset > _MAX_READ:
                self._offset, self._rest, self._skipping = found.st_size - _MAX_READ, b"", True
            data = os.pread(descriptor, _MAX_READ, self._offset)
        except OSError:
            return b""
        finally:
            os.close(descriptor)
        self._offset += len(data)
        return data

    def _lines(self, data: bytes) -> bool:
        *lines, self._rest = (self._rest + data).split(b"\n")
        changed = False
        for line in lines:
            if self._skipping:
                self._skipping = False
            elif len(line) <= _MAX_LINE:
                changed = self._line(line) or changed
        if len(self._rest) > _MAX_LINE:
            self._rest, self._skipping = b"", True
        return changed

    def _line(self, line: bytes) -> bool:
        try:
            said = json.loads(line, parse_constant=_refuse)
            return isinstance(said, dict) and self._said(said)
        except (ValueError, RecursionError, OverflowError):
            return False

    def _said(self, said: dict[str, Any]) -> bool:
        changed = False
        percent, message = said.get("percent"), said.get("message")
        if isinstance(percent, (int, float)) and not isinstance(percent, bool) and math.isfinite(percent):
            self.percent, changed = min(100.0, max(0.0, float(percent))), True
        if isinstance(message, str):
            text = message.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
            self.message, changed = text[:_MAX_MESSAGE], True
        if said.get("result") is not None:
            self.result, changed = json.dumps(said["result"], allow_nan=False, separators=(",", ":")), True
        return changed


def _refuse(constant: str) -> None:
    raise ValueError(constant + " is no JSON")
