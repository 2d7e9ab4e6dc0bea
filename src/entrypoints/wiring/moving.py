"""A store and an archive of it, without a server around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ... import __version__
from ...adapters.archive.files import FileArchiveReader, FileArchiveWriter
from ...adapters.sql.store import SqlStore
from ...application.accounts.telling import ByHand, told_of
from ...application.audit.acting import acting
from ...application.audit.audited import audited
from ...application.jobs.list_jobs import ListJobs
from ...application.moving.export_store import ExportStore
from ...application.moving.import_store import ImportStore, ImportStoreCommand
from ...application.moving.mark_restored import Marked, MarkRestored, MarkRestoredCommand
from ...application.ports.archive import Counts
from ...application.ports.calling import UseCase
from ...domain.accounts.access import OPERATING_ACCOUNT
from ...domain.audit.entry import COMMAND_LINE
from .audit import opened_store

__all__ = ["exporting", "importing", "marking", "opened_store", "telling"]

_BY_HAND: Final = replace(OPERATING_ACCOUNT, address=COMMAND_LINE)


@contextmanager
def exporting(store: SqlStore, file: Path) -> Iterator[ExportStore]:
    """The use case that fills this file, which is gone if it does not end well."""
    with FileArchiveWriter(file, version=__version__, made_at=datetime.now(UTC)) as archive:
        yield ExportStore(store.read, archive)


def importing(store: SqlStore, file: Path) -> UseCase[ImportStoreCommand, Counts]:
    """The use case that reads this file; the audit trail that is in it goes on with who did so."""
    return ByHand(ImportStore(audited(store.begin), FileArchiveReader(file)), COMMAND_LINE)


def telling(store: SqlStore, command: object) -> None:
    """Have the audit trail tell what only reads the store."""
    with acting(told_of(_BY_HAND, command)), audited(store.begin)() as work:
        work.commit()


def marking(store: SqlStore) -> UseCase[MarkRestoredCommand, Marked]:
    """The use case for a store that was restored."""
    return ByHand(MarkRestored(audited(store.begin), store.read, ListJobs(store.read)), COMMAND_LINE)
