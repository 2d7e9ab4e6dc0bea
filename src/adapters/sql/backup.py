"""A copy of a SQLite file, before something is done to it that cannot be undone."""

import os
from logging import getLogger
from pathlib import Path

from sqlalchemy import Engine

from .migrations.running import revision_of

_log = getLogger(__name__)


def back_up(engine: Engine) -> Path:
    """A consistent copy beside the file, named after the schema it has; durable when this returns."""
    with engine.connect() as connection:
        revision = revision_of(connection)
    file = Path(engine.url.database or "")
    copy, unfinished = (file.with_name(f"{file.name}.{suffix}") for suffix in (f"at-{revision}", "copying"))
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("VACUUM INTO ?", (str(unfinished),))
        cursor.close()
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    unfinished.replace(copy)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    _log.warning("the schema is brought up to date; the store as it was is kept in %s", copy)
    return copy
