"""A whole Runyard in this process, for batch tooling: how it begins and ends."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from time import monotonic

import structlog

from ..domain.jobs.states import FINAL_STATES, JobState
from .data_dir import DataDir
from .logging import configure_structlog
from .refusals import told
from .settings import Settings
from .wiring.embedded import EmbeddedContainer
from .yard import EmbeddedYard

_PATIENCE_SECONDS = 15.0


@contextmanager
def embedded(data_dir: str | PathLike[str] | None = None, *, slots: int | None = None) -> Iterator[EmbeddedYard]:
    """A yard with `slots` (default: cores) on this machine.

    With a `data_dir` everything stays there: leaving lets running jobs go on, and the next yard on the same
    directory adopts them. Without one the yard is temporary: leaving cancels what has not finished, and all
    records are removed.
    """
    if data_dir is not None:
        with _running(data_dir, slots) as yard:
            yield yard
        return
    with tempfile.TemporaryDirectory(prefix="runyard-") as folder, _running(folder, slots) as yard:
        try:
            yield yard
        finally:
            _end_everything(yard)


@contextmanager
def _running(folder: str | PathLike[str], slots: int | None) -> Iterator[EmbeddedYard]:
    with told():
        settings = Settings(data_dir=folder, **({} if slots is None else {"slots": slots}))  # type: ignore[arg-type]
        directory = DataDir(settings.data_dir)
        container = EmbeddedContainer(settings=settings)
    if not structlog.is_configured():
        configure_structlog(settings.log_level)
    try:
        with told():
            container.engine().start(settings.slots)
        try:
            yield EmbeddedYard(container)
        finally:
            container.engine().stop()
    finally:
        directory.close()


def _end_everything(yard: EmbeddedYard) -> None:
    unfinished = [state.value for state in JobState if state not in FINAL_STATES]
    left = [yard.cancel(job) for job in yard.list(state=unfinished)]
    end = monotonic() + _PATIENCE_SECONDS
    for job in left:
        yard.wait(job, timeout=max(0.1, end - monotonic()))
