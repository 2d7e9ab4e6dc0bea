"""A store and an archive of it, without a server around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ... import __version__
from ...adapters.archive.files import FileArchiveReader, FileArchiveWriter
from ...adapters.sql.store import SqlStore
from ...application.jobs.list_jobs import ListJobs
from ...application.moving.export_store import ExportStore
from ...application.moving.import_store import ImportStore
from ...application.moving.mark_restored import MarkRestored
from .audit import opened_store

__all__ = ["exporting", "importing", "marking", "opened_store"]


@contextmanager
def exporting(store: SqlStore, file: Path) -> Iterator[ExportStore]:
    """The use case that fills this file, which is gone if it does not end well."""
    with FileArchiveWriter(file, version=__version__, made_at=datetime.now(UTC)) as archive:
        yield ExportStore(store.read, archive)


def importing(store: SqlStore, file: Path) -> ImportStore:
    """The use case that reads this file."""
    return ImportStore(store.begin, FileArchiveReader(file))


def marking(store: SqlStore) -> MarkRestored:
    """The use case for a store that was restored."""
    return MarkRestored(store.begin, store.read, ListJobs(store.read))
