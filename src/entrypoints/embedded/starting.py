"""A whole Runyard in this process, for batch tooling: how it begins and ends."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from os import PathLike
from time import monotonic, sleep

import structlog

from ...application.ports.executor import Receipt
from ...domain.jobs.states import FINAL_STATES, JobState
from ..client.errors import WaitTimedOut
from ..data_dir import DataDir
from ..logging import configure_structlog
from ..settings import EmbeddedSettings, read_settings
from ..wiring.embedded import EmbeddedContainer
from .refusals import told
from .yard import EmbeddedYard

_PATIENCE_SECONDS = 15.0


@contextmanager
def embedded(data_dir: str | PathLike[str] | None = None, *, slots: int | None = None) -> Iterator[EmbeddedYard]:
    """A yard with `slots` (default: cores) on this machine.

    With a `data_dir` everything stays there: leaving lets running jobs go on, and the next yard on the same
    directory adopts them. Without one the yard is temporary: leaving cancels what has not finished, kills what
    has not ended 15 seconds later, and removes all records.
    """
    if data_dir is not None:
        with _running(data_dir, slots) as (yard, _):
            yield yard
        return
    with (
        tempfile.TemporaryDirectory(prefix="runyard-") as folder,
        ExitStack() as left,
        _running(folder, slots) as (yard, container),
    ):
        left.callback(_kill_everything, container)
        try:
            yield yard
        finally:
            _end_everything(yard)


@contextmanager
def _running(folder: str | PathLike[str], slots: int | None) -> Iterator[tuple[EmbeddedYard, EmbeddedContainer]]:
    with told():
        settings = read_settings(EmbeddedSettings, {"data_dir": folder, "slots": slots})
        directory = DataDir(settings.data_dir)
        container = EmbeddedContainer(settings=settings)
    if not structlog.is_configured():
        configure_structlog(settings.log_level)
    try:
        with told():
            container.adapters.key_file().check()
            container.engine().start(settings.slots)
        try:
            yield EmbeddedYard(container), container
        finally:
            container.engine().stop()
    finally:
        directory.close()


def _end_everything(yard: EmbeddedYard) -> None:
    unfinished = [state.value for state in JobState if state not in FINAL_STATES]
    left = [yard.cancel(job) for job in yard.list(state=unfinished)]
    end = monotonic() + _PATIENCE_SECONDS
    with suppress(WaitTimedOut):
        for job in left:
            yard.wait(job, timeout=max(0.1, end - monotonic()))


def _kill_everything(container: EmbeddedContainer) -> None:
    """A final receipt ends what still runs; with nothing left to do the supervisor leaves."""
    host = container.adapters.local_host()
    end = monotonic() + _PATIENCE_SECONDS
    while not host.stop_supervisor() and monotonic() < end:
        host.acknowledge([Receipt(ref, 0, final=True) for ref in host.held()])
        sleep(0.05)
    host.close()
