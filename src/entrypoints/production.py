"""What `serve`, `worker` and `migrate` do before anything else."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import structlog

from ..domain.errors import Refusal, RunyardError
from .data_dir import DataDir
from .settings import ProductionSettings


class DatabaseUnreachable(RunyardError):
    """There is no database where it should be."""

    refusal = Refusal.UNAVAILABLE
    code = "database-unreachable"


class Part(Protocol):
    """Something that runs beside."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End, within a second or two."""


@contextmanager
def shared_data_dir(settings: ProductionSettings) -> Iterator[DataDir]:
    """The data directory, shared with the other processes of this installation but with no embedded server."""
    directory = DataDir(settings.data_dir, shared=True)
    try:
        yield directory
    finally:
        directory.close()


def check_surroundings(container: Any) -> None:
    """Refuses, saying what to do, unless this process could keep its promises here.

    Without Redis everything works, a little later, so it may be away; what answers in its place must be right.
    """
    store = container.adapters.store()
    check_database(store, container.settings())
    store.current()
    container.adapters.key_file().check()
    try:
        container.check_rings()
    except RunyardError as refusal:
        if refusal.refusal is not Refusal.UNAVAILABLE:
            raise
        structlog.get_logger().warning("going on without rings", why=str(refusal))


def check_database(store: Any, settings: ProductionSettings) -> None:
    """Refuses, saying what to do, unless the database answers and keeps what it is told."""
    try:
        store.answers()
    except RunyardError as refusal:
        raise DatabaseUnreachable(f"{refusal}; start it, or correct RUNYARD_DATABASE_URL") from refusal
    if not settings.allow_unsafe_database:
        store.durable()


@contextmanager
def running(parts: Sequence[Part], store: Any) -> Iterator[None]:
    """Started in order, stopped in reverse, the store closed last."""
    with ExitStack() as stack:
        stack.callback(store.close)
        for part in parts:
            part.start()
            stack.callback(part.stop)
        yield
