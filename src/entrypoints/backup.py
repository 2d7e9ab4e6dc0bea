"""`runyard backup` and `runyard restore`: a copy of an embedded server's store, and a store that was restored."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..application.moving.mark_restored import Marked, MarkRestoredCommand
from ..domain.errors import Refusal, RunyardError
from .at_the_store import done, stored
from .data_dir import DataDir
from .settings import Settings
from .wiring.moving import marking, opened_store

Tell = Callable[[str], None]


class WrongRestore(RunyardError):
    """It cannot be restored like this."""

    refusal = Refusal.INVALID
    code = "wrong-restore"


def back_up(*, file: Path, data_dir: Path | None, tell: Tell) -> int:
    """Copy the store of an embedded server, which may run meanwhile; the exit code."""

    def copy(settings: Settings) -> None:
        if settings.database_url is None:
            stored(settings)
        with opened_store(settings.store_url) as store:
            store.back_up(file.absolute())
        tell(f"Backed up to {file}")

    return done(data_dir, copy)


def restore(*, file: Path | None, data_dir: Path | None, tell: Tell) -> int:
    """Put a backup in place of an embedded server's store, or tell a database that it was restored; the exit code."""

    def back(settings: Settings) -> None:
        marked = _told_database(settings, file) if settings.database_url else _put_back(settings, file)
        tell(f"Restored: {marked.jobs} unfinished jobs, {marked.runners} runners")

    return done(data_dir, back)


def _store(settings: Settings) -> Path:
    return settings.data_dir / "runyard.db"


def _told_database(settings: Settings, file: Path | None) -> Marked:
    if file is not None:
        raise WrongRestore("this is PostgreSQL: restore it with pg_restore, then say `runyard restore` without a file")
    with opened_store(settings.store_url) as store:
        store.alone()
        store.current()
        return marking(store).execute(MarkRestoredCommand())


def _put_back(settings: Settings, file: Path | None) -> Marked:
    """The copy is made ready beside the store and takes its place in one step; the store as it was is kept."""
    if file is None:
        raise WrongRestore("name the file that `runyard backup` made")
    if not file.is_file():
        raise WrongRestore(f"there is no {file}")
    directory = DataDir(settings.data_dir)
    try:
        store, copy = _store(settings), _store(settings).with_name("runyard.db.restoring")
        _without_log(copy).unlink(missing_ok=True)
        copy.touch(mode=0o600)
        shutil.copyfile(file, copy)
        with opened_store(f"sqlite:///{copy}") as ready:
            ready.sound()
            if ready.outdated():
                ready.migrate()
            ready.current()
            marked = marking(ready).execute(MarkRestoredCommand())
        if store.exists():
            _keep(store, store.with_name("runyard.db.replaced"))
        copy.replace(store)
        descriptor = os.open(settings.data_dir, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(descriptor)
        os.close(descriptor)
        return marked
    finally:
        directory.close()


def _keep(store: Path, kept: Path) -> None:
    """What is in the log of the store belongs to it, and would ruin the one that takes its place."""
    with suppress(RunyardError), opened_store(f"sqlite:///{store}") as old:
        old.tidy()
    _without_log(kept).unlink(missing_ok=True)
    for suffix in ("-wal", "-shm"):
        beside = store.with_name(store.name + suffix)
        if beside.exists():  # of a store that cannot be opened any more
            beside.replace(kept.with_name(kept.name + suffix))
    os.link(store, kept)


def _without_log(store: Path) -> Path:
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    return store
