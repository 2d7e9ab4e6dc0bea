"""Copies of a SQLite file: on request, and before something is done to it that cannot be undone."""

import os
from logging import getLogger
from pathlib import Path

from sqlalchemy import Engine

from ...application.ports.work import StoreUnavailable
from ...domain.errors import Refusal, RunyardError
from .migrations.running import revision_of

_log = getLogger(__name__)


class NoBackupOfThis(RunyardError):
    """The database has tools of its own."""

    refusal = Refusal.INVALID
    code = "no-backup-of-this"


class BackupThere(RunyardError):
    """A file of this name is there already."""

    refusal = Refusal.CONFLICT
    code = "backup-exists"


def back_up_before(engine: Engine) -> Path:
    """A copy beside the file, named after the schema it has; durable when this returns."""
    with engine.connect() as connection:
        revision = revision_of(connection)
    file = Path(engine.url.database or "")
    copy = file.with_name(f"{file.name}.at-{revision}")
    _copied(engine, file.with_name(f"{file.name}.copying")).replace(copy)
    _sync(file.parent)
    _log.warning("the schema is brought up to date; the store as it was is kept in %s", copy)
    return copy


def back_up(engine: Engine, copy: Path) -> None:
    """One moment of the store as a new file, whoever writes meanwhile; durable when this returns."""
    if engine.dialect.name != "sqlite":
        raise NoBackupOfThis("this is PostgreSQL: back it up with pg_dump, as docs/production.md shows")
    unfinished = copy.with_name(f".{copy.name}.unfinished")
    try:
        _copied(engine, unfinished)
        os.link(unfinished, copy)
        unfinished.unlink()
        _sync(copy.parent)
    except FileExistsError:
        unfinished.unlink()
        raise BackupThere(f"{copy} is there already; choose another name, or remove it first") from None
    except OSError as error:
        raise StoreUnavailable(f"cannot write {copy}: {error.strerror}") from error


def _copied(engine: Engine, copy: Path) -> Path:
    """A consistent copy, its owner's alone."""
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("VACUUM INTO ?", (str(copy),))
        cursor.close()
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    return copy


def _sync(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
