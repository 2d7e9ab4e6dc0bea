"""What a job says of itself in the file `RUNYARD_REPORT` names: JSON lines, read as they are appended."""

from __future__ import annotations

import json
import math
import os
import stat
from typing import Any

from .masking import Masks

_MAX_LINE = 64 << 10
_MAX_READ = 128 << 10
_MAX_LAST = 512 << 10
_MAX_LINES = 5000
_MAX_MESSAGE = 1000


class Report:
    """The newest progress and result. Whatever else the file holds is ignored."""

    def __init__(self, path: str) -> None:
        self.masks: Masks | None = None
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
            changed = self._take([self._rest]) or changed
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
            if last and found.st_size - self._offset > _MAX_LAST:
                self._offset, self._rest, self._skipping = found.st_size - _MAX_LAST, b"", True
            data = os.pread(descriptor, _MAX_LAST if last else _MAX_READ, self._offset)
        except OSError:
            return b""
        finally:
            os.close(descriptor)
        self._offset += len(data)
        return data

    def _lines(self, data: bytes) -> bool:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines and self._skipping:
            del lines[0]
            self._skipping = False
        if len(self._rest) > _MAX_LINE:
            self._rest, self._skipping = b"", True
        return self._take(lines)

    def _take(self, lines: list[bytes]) -> bool:
        """The newest of everything is what counts, so the last lines are read first, and not for ever."""
        news: dict[str, Any] = {}
        for line in lines[: -_MAX_LINES - 1 : -1]:
            for name, value in _said(line, self.masks).items():
                news.setdefault(name, value)
            if len(news) == 3:
                break
        self.percent = news.get("percent", self.percent)
        self.message = news.get("message", self.message)
        self.result = news.get("result", self.result)
        return bool(news)


def _said(line: bytes, masks: Masks | None) -> dict[str, Any]:
    """What one line says; nothing if it is no report."""
    if len(line) > _MAX_LINE:
        return {}
    found: dict[str, Any] = {}
    try:
        said = json.loads(line, parse_constant=_refuse)
        if not isinstance(said, dict):
            return {}
        percent, message, result = said.get("percent"), said.get("message"), said.get("result")
        if masks is not None:
            percent, message, result = masks.document([percent, message, result])
        if isinstance(percent, (int, float)) and not isinstance(percent, bool) and math.isfinite(percent):
            found["percent"] = min(100.0, max(0.0, float(percent)))
        if isinstance(message, str):
            text = message.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
            found["message"] = text[:_MAX_MESSAGE]
        if result is not None:
            found["result"] = json.dumps(result, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError, OverflowError):
        return {}
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant + " is no JSON")
