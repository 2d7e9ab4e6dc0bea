"""`runyard export` and `runyard import`: everything in a store as one file, and back into an empty one."""

import json as json_text
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ..application.moving.export_store import ExportStoreCommand
from ..application.moving.import_store import ImportStoreCommand
from ..application.ports.archive import Counts
from .at_the_store import done, stored
from .data_dir import DataDir
from .settings import Settings
from .wiring.moving import exporting, importing, opened_store, telling

EMBEDDED: Final = "local"
"""What an embedded server calls its runner."""

Tell = Callable[[str], None]


def export_store(*, file: Path, data_dir: Path | None, json: bool, tell: Tell) -> int:
    """Write everything into a new file; the exit code."""

    def export(settings: Settings) -> None:
        with _alone(settings) as store:
            store.current()
            telling(store, ExportStoreCommand())
            with exporting(store, file) as use_case:
                counts = use_case.execute(ExportStoreCommand())
            if settings.database_url is None:
                _lead_workers_to_the_supervisor(store, settings)
        _say(counts, f"Exported to {file}", json=json, tell=tell)

    return done(data_dir, export)


def import_store(*, file: Path, data_dir: Path | None, json: bool, tell: Tell) -> int:
    """Read everything in the file into a store that is empty; the exit code."""

    def load(settings: Settings) -> None:
        with _alone(settings, new=True) as store:
            store.current()
            command = ImportStoreCommand(adoptable=_adoptable(settings))
            counts = importing(store, file).execute(command)
        _say(counts, f"Imported from {file}", json=json, tell=tell)

    return done(data_dir, load)


@contextmanager
def _alone(settings: Settings, *, new: bool = False) -> Iterator[Any]:
    """The store, and nobody else at it: an embedded one has its folder alone, a database says who is connected."""
    if settings.database_url is not None:
        with opened_store(settings.store_url) as store:
            store.answers()
            store.alone()
            yield store
        return
    file = settings.data_dir / "runyard.db" if new else stored(settings)
    directory = DataDir(settings.data_dir)
    try:
        fresh = not file.exists() or not file.stat().st_size
        with opened_store(settings.store_url) as store:
            if fresh:
                store.migrate()
            yield store
    finally:
        directory.close()


def _adoptable(settings: Settings) -> frozenset[str] | None:
    """Whose attempts may live on there. A worker refuses a runner of another host by itself, an embedded server has
    the supervisor of its own folder or none.
    """
    if settings.database_url is not None:
        return None
    return frozenset({EMBEDDED}) if settings.supervisor_dir.is_dir() else frozenset()


def _lead_workers_to_the_supervisor(store: Any, settings: Settings) -> None:
    """A worker on this host, on the same data directory, finds the supervisor of the runner that moved."""
    with store.read() as reading:
        runner_id = next((each for each, name in reading.runners.names().items() if name == EMBEDDED), None)
    if runner_id is None or not settings.supervisor_dir.is_dir():
        return
    folder = settings.data_dir / "runners"
    folder.mkdir(mode=0o700, exist_ok=True)
    link = folder / runner_id
    if not link.exists():
        link.symlink_to(Path("..") / settings.supervisor_dir.name)


def _say(counts: Counts, what: str, *, json: bool, tell: Tell) -> None:
    if json:
        tell(json_text.dumps(counts))
        return
    held = ", ".join(f"{count} {kind.replace('_', ' ')}{'s' if count > 1 else ''}" for kind, count in counts.items())
    tell(f"{what}: {held or 'nothing'}")
