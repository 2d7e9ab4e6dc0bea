"""Export a store: everything it holds, into an archive."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.log import LogChunk
from ...domain.runners.logins import login_place
from ..ports.archive import ArchiveWriter, Counts, Item
from ..ports.holdings import WholeJob, WholeLogin
from ..ports.moving_work import ExportReading
from ..ports.work import Begin

T = TypeVar("T")

JOBS: Final = 16
"""So many specifications, of a mebibyte each at most, are in memory at once."""
ROWS: Final = 1000
OUTPUT: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportStoreCommand:
    """Everything."""


class ExportStore:
    """Reads one moment of the store, in bounded memory. Who runs it sees to it that nobody else uses the store:
    what is accepted after that moment is not in the archive.
    """

    def __init__(self, read: Begin[ExportReading], archive: ArchiveWriter) -> None:
        self._read = read
        self._archive = archive

    def execute(self, _command: ExportStoreCommand) -> Counts:
        """What the archive holds; it is durable when this returns, and is not there if this fails."""
        with self._read() as reading:
            for item in _everything(reading):
                self._archive.put(item)
        return self._archive.finish()


def _everything(reading: ExportReading) -> Iterator[Item]:
    yield from reading.holdings.owners()
    yield from _runners(reading)
    yield from _pages(lambda last: reading.runner_events.oldest(after=last.id if last else 0, limit=ROWS), ROWS)
    yield from reading.queues.all()
    holdings = reading.holdings
    yield from _pages(lambda last: holdings.limits(after=last.key if last else None, limit=ROWS), ROWS)
    yield from _pages(lambda last: holdings.keys(after=last.key.name if last else None, limit=ROWS), ROWS)
    yield from _pages(lambda last: holdings.secrets(after=last.secret if last else None, limit=ROWS), ROWS)
    yield from _pages(lambda last: reading.audit.oldest(after=last.id if last else 0, limit=ROWS), ROWS)
    for whole in _pages(lambda last: holdings.jobs(after=_id(last), limit=JOBS), JOBS):
        yield whole
        for ref in whole.refs:
            yield from _output(reading, ref)


def _runners(reading: ExportReading) -> Iterator[Item]:
    runners = [record.runner for record in reading.runners.all()]
    sealed = reading.sealed.get([login_place(runner.id) for runner in runners if runner.ssh and runner.ssh.login.kept])
    for runner in runners:
        yield runner
        yield from reading.passes.of(runner.id)
        if login_place(runner.id) in sealed:
            yield WholeLogin(runner.id, sealed[login_place(runner.id)])


def _id(last: WholeJob | None) -> JobId | None:
    return last.job.id if last else None


def _pages(page: Callable[[T | None], Sequence[T]], size: int) -> Iterator[T]:
    last: T | None = None
    while True:
        found = page(last)
        yield from found
        if len(found) < size:
            return
        last = found[-1]


def _output(reading: ExportReading, ref: AttemptRef) -> Iterator[LogChunk]:
    offset = 0
    while True:
        part = reading.logs.read(ref, offset=offset, most=OUTPUT)
        yield from part.chunks
        if part.end == offset:
            return
        offset = part.end
