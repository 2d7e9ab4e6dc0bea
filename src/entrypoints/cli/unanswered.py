"""Submissions that got no answer: the key of each is on disk before it is sent, so that running the same command again
submits the same job, even after a power loss.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final
from uuid import uuid4

from ..client.errors import RunyardClientError, ServerUnreachable
from ..discovery import state_directory
from .saying import note

_FOLDER: Final = "submissions"
_SECONDS: Final = 23 * 3600.0
"""A little less than a server remembers a key."""


@contextmanager
def submission_key(url: str | None, body: Any) -> Iterator[str]:
    """The key to submit this under: that of the same submission, if it got no answer, else a new one.

    Once there is an answer, it is forgotten. One that another process is still waiting for is left alone: who
    submits the same thing twice at once means two jobs.
    """
    address = url or os.environ.get("RUNYARD_URL") or ""
    digest = sha256(json.dumps([address, body], sort_keys=True).encode()).hexdigest()[:32]
    kept = None
    with suppress(OSError):  # without a place to keep it, the key still saves from repeating within this process
        kept = _unanswered(digest) or _new(digest)
    try:
        yield Path(kept.name).name if kept else str(uuid4())
    except RunyardClientError as error:
        if not _may_be_done(error):
            _forget(kept)
        raise
    except KeyboardInterrupt:
        if kept:
            note("it is not known whether that was done; the same command again does it once")
        raise
    else:  # whatever else interrupted it: nobody knows what became of it
        _forget(kept)
    finally:
        if kept:
            kept.close()


def _may_be_done(error: RunyardClientError) -> bool:
    return error.unsure if isinstance(error, ServerUnreachable) else (error.status or 0) >= 500


def _unanswered(digest: str) -> IO[bytes] | None:
    for file in sorted(_folder().iterdir()):
        try:
            age = time.time() - file.stat().st_mtime
        except FileNotFoundError:  # another process has its answer just now
            continue
        if age > _SECONDS:
            file.unlink(missing_ok=True)
        elif file.name.startswith(digest) and (kept := _held(file)):
            note("the same submission got no answer before; if it was done, it is not done again")
            return kept
    return None


def _new(digest: str) -> IO[bytes]:
    file = _folder() / f"{digest}-{uuid4()}"
    kept = file.open("xb")
    fcntl.flock(kept, fcntl.LOCK_EX)
    os.fsync(kept.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return kept


def _held(file: Path) -> IO[bytes] | None:
    """The file, locked; None if it is gone or somebody else's."""
    with suppress(OSError):
        kept = file.open("r+b")
        try:
            fcntl.flock(kept, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if file.exists():
                return kept
        except BlockingIOError:
            pass
        kept.close()
    return None


def _forget(kept: IO[bytes] | None) -> None:
    if kept:
        with suppress(OSError):
            Path(kept.name).unlink()


def _folder() -> Path:
    folder = state_directory() / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
