"""Runs alembic without files of its own: no ini, no command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text

from ....application.ports.work import StoreUnavailable

HEAD: Final = "head"
_FOLDER: Final = Path(__file__).parent
_LOCK: Final = 0x52756E79


def migrate(connection: Connection, revision: str = HEAD) -> None:
    """Bring the schema to a revision, in one transaction, while nobody else does."""
    _alone(connection)
    command.upgrade(_config(connection), revision)
    connection.commit()


def unmigrate(connection: Connection, revision: str) -> None:
    """Take steps back to a revision, `base` being the empty database. What they stored is lost."""
    _alone(connection)
    command.downgrade(_config(connection), revision)
    connection.commit()


def revisions() -> Iterator[Script]:
    """All steps, the newest first."""
    return ScriptDirectory(str(_FOLDER)).walk_revisions()


def check_revision(connection: Connection) -> None:
    """`StoreUnavailable`, with what to do, unless the schema is the one this version works with."""
    current = revision_of(connection)
    needed = ScriptDirectory(str(_FOLDER)).get_current_head()
    if current == needed:
        return
    if current is None:
        raise StoreUnavailable("the database has no schema yet; run `runyard migrate`")
    if current in _known():
        raise StoreUnavailable(f"the schema of the database is {current}, this needs {needed}; run `runyard migrate`")
    raise StoreUnavailable(
        f"the schema of the database is {current}, which is newer than this Runyard ({needed}); install the newer one"
    )


def revision_of(connection: Connection) -> str | None:
    """Which schema the database has."""
    return MigrationContext.configure(connection).get_current_revision()


def is_outdated(connection: Connection) -> bool:
    """Whether there is a schema, and it is of an older version than this one."""
    current = revision_of(connection)
    return current in _known() and current != ScriptDirectory(str(_FOLDER)).get_current_head()


def _known() -> set[str]:
    return {step.revision for step in revisions()}


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local statement_timeout = 0"))  # a step may have much to move
        connection.execute(text("set local lock_timeout = '10min'"))
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
