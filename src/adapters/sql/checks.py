"""Whether a database can keep the promises that are made on top of it."""

from typing import Final

from sqlalchemy import Connection, text

from ...domain.errors import Refusal, RunyardError

OLDEST_POSTGRESQL: Final = 15
_MUST_BE_ON: Final = ("fsync", "full_page_writes")
_NOT_DURABLE: Final = "a committed job could be lost in a crash"


class StoreUnfit(RunyardError):
    """The database is too old, or set up so that it may forget what it has committed."""

    refusal = Refusal.INVALID
    code = "store-unfit"


def check_durability(connection: Connection) -> None:
    """`StoreUnfit`, with what to change, unless a commit here survives a crash. SQLite is opened so by us."""
    if connection.dialect.name != "postgresql":
        return
    told = {name: connection.execute(text(f"show {name}")).scalar_one() for name in (*_MUST_BE_ON, _COMMIT, _VERSION)}
    major = int(told[_VERSION]) // 10_000
    if major < OLDEST_POSTGRESQL:
        raise StoreUnfit(f"PostgreSQL {OLDEST_POSTGRESQL} or newer is needed, this is {major}; upgrade it")
    for name in _MUST_BE_ON:
        if told[name] != "on":
            raise StoreUnfit(f"{name} is {told[name]}: {_NOT_DURABLE}; set it to on in postgresql.conf")
    if told[_COMMIT] == "off":
        raise StoreUnfit(
            f"synchronous_commit is off: {_NOT_DURABLE}; set it to on for the database or the role, with ALTER … SET"
        )


_COMMIT: Final = "synchronous_commit"
_VERSION: Final = "server_version_num"
_OTHERS: Final = text(
    "select distinct application_name from pg_stat_activity "
    "where datname = current_database() and application_name like 'runyard %' and application_name <> "
    "current_setting('application_name') order by application_name"
)


class StoreInUse(RunyardError):
    """Another process uses the store."""

    refusal = Refusal.CONFLICT
    code = "store-in-use"


def check_alone(connection: Connection) -> None:
    """`StoreInUse`, naming them, if other processes of ours are connected. A SQLite store is told by its folder."""
    if connection.dialect.name != "postgresql":
        return
    others = list(connection.execute(_OTHERS).scalars())
    if others:
        raise StoreInUse(f"the database is in use by {', '.join(others)}; stop every server and worker first")


def check_sound(connection: Connection) -> None:
    """`StoreUnfit` if a SQLite file is damaged."""
    if connection.dialect.name == "sqlite":
        told = str(connection.execute(text("PRAGMA integrity_check(1)")).scalar_one())
        if told != "ok":
            raise StoreUnfit(f"the file is damaged: {told}")
