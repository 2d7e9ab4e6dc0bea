"""An archive as a file: a first line that says what it is, a line for each item, a last line that says it is whole."""

import gzip
import json
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ...application.ports.archive import ArchiveUnreadable, Counts, Item
from ...domain.errors import Refusal, RunyardError
from .lines import KINDS, encoded, item_in, line_of

FORMAT: Final = 1
"""Grows when a reader of today could not read what is written then."""

_LONGEST: Final = 64 << 20
_LEVEL: Final = 6


class ArchiveThere(RunyardError):
    """A file of this name is there already."""

    refusal = Refusal.CONFLICT
    code = "archive-exists"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already; choose another name, or remove it first")


class ArchiveUnwritable(RunyardError):
    """The file cannot be written."""

    refusal = Refusal.UNAVAILABLE
    code = "archive-unwritable"


class FileArchiveWriter:
    """Fits `ArchiveWriter`. Only its owner may read it: commands, environments and input are in it as they were given.

    It has its name from the moment it is whole and on the disk; left early, nothing stays of it.
    """

    def __init__(self, path: Path, *, version: str, made_at: datetime) -> None:
        if path.exists():
            raise ArchiveThere(path)
        self._path, self._unfinished = path, path.with_name(f".{path.name}.unfinished")
        self._counts, self._sum = Counter[str](), sha256()
        try:
            self._unfinished.unlink(missing_ok=True)
            self._raw = os.fdopen(os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        except OSError as error:
            raise ArchiveUnwritable(f"cannot write {path}: {error.strerror}") from error
        self._file = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=_LEVEL)
        self._write(encoded({"runyard_export": FORMAT, "version": version, "made_at": made_at.isoformat()}))

    def put(self, item: Item) -> None:
        self._counts[KINDS[type(item)]] += 1
        self._write(line_of(item))

    def finish(self) -> Counts:
        try:
            self._write(encoded({"end": {"counts": dict(self._counts), "sha256": self._sum.hexdigest()}}))
            self._file.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            os.link(self._unfinished, self._path)
            self._unfinished.unlink()
            _sync(self._path.parent)
        except FileExistsError:
            raise ArchiveThere(self._path) from None
        except OSError as error:
            raise ArchiveUnwritable(f"cannot write {self._path}: {error.strerror}") from error
        return dict(self._counts)

    def _write(self, line: bytes) -> None:
        self._sum.update(line)
        try:
            self._file.write(line)
        except OSError as error:
            raise ArchiveUnwritable(f"cannot write {self._path}: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._raw.close()
        self._unfinished.unlink(missing_ok=True)


class FileArchiveReader:
    """Fits `ArchiveReader`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._counts, self._sum = Counter[str](), sha256()

    def items(self) -> Iterator[Item]:
        try:
            with gzip.open(self._path, "rb") as file:
                yield from self._items(file)
        except EOFError:
            raise self._unreadable("it is cut off") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise self._unreadable(f"it is damaged, or no export: {error}") from error
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error

    def counts(self) -> Counts:
        return dict(self._counts)

    def _items(self, file: gzip.GzipFile) -> Iterator[Item]:
        self._check_head(self._line(file, 1))
        number = 1
        while True:
            number += 1
            before = self._sum.hexdigest()
            kind, body = self._field(self._line(file, number), number)
            if kind == "end":
                self._check_end(body, before)
                if file.read(1):
                    raise self._unreadable("something follows its end")
                return
            try:
                item = item_in(kind, body)
            except (KeyError, TypeError, ValueError, OverflowError, RunyardError) as error:
                raise self._unreadable(f"line {number} is no {kind}: {error}") from error
            self._counts[kind] += 1
            yield item

    def _line(self, file: gzip.GzipFile, number: int) -> bytes:
        line = file.readline(_LONGEST)
        if not line:
            raise self._unreadable("it is cut off: its end is missing")
        if not line.endswith(b"\n"):
            raise self._unreadable(f"line {number} is cut off, or too long to be ours")
        self._sum.update(line)
        return line

    def _field(self, line: bytes, number: int) -> tuple[str, Any]:
        try:
            ((kind, body),) = json.loads(line).items()
        except (ValueError, AttributeError, RecursionError):
            raise self._unreadable(f"line {number} is damaged") from None
        return kind, body

    def _check_head(self, line: bytes) -> None:
        try:
            head = json.loads(line)
            known, version = head["runyard_export"], head["version"]
        except (ValueError, KeyError, TypeError):
            raise self._unreadable("it is no export of Runyard") from None
        if known != FORMAT:
            raise self._unreadable(
                f"its format is {known}, and this version knows {FORMAT}; import it with Runyard {version} or newer"
            )

    def _check_end(self, body: Any, found: str) -> None:
        wanted = body if isinstance(body, dict) else {}
        if wanted.get("counts") != dict(self._counts) or wanted.get("sha256") != found:
            raise self._unreadable("it is damaged: it does not hold what its last line says")

    def _unreadable(self, why: str) -> ArchiveUnreadable:
        return ArchiveUnreadable(f"{self._path} cannot be imported: {why}")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
