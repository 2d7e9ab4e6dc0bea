"""Purge jobs: remove what has finished and was kept long enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.jobs.ids import JobId
from ...domain.jobs.retention import Retention
from ..ports.finished_jobs import FinishedJobs, StoredOutput
from ..ports.work import Begin, PurgeWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeJobsCommand:
    """Remove no more than so many jobs, and so many chunks of output, in one transaction."""

    most: int = 200
    chunks: int = 64


@dataclass(frozen=True, slots=True)
class Purged:
    """How many jobs and how many chunks of output were removed, and whether more may be waiting."""

    jobs: int
    chunks: int
    more: bool


class PurgeJobs:
    """Takes one bounded step. Any number may purge at once: each takes jobs that nobody else holds."""

    def __init__(self, begin: Begin[PurgeWork], retention: Retention) -> None:
        self._begin = begin
        self._retention = retention

    def execute(self, command: PurgeJobsCommand) -> Purged:
        """What was removed. Long logs go piece by piece, each log's end first, so that what is left is a whole."""
        with self._begin() as work:
            ids = self._too_old(work, command.most)
            unwanted = work.finished.outputs(ids, command.most) if ids else []
            cut, whole = _cut(work.finished, unwanted, command.chunks)
            bare = [] if len(unwanted) == command.most else sorted(set(ids) - {each.ref.job_id for each in whole})
            work.finished.remove(bare)
            more = len(ids) >= command.most or len(bare) < len(ids)
            if not more:
                shorter, left = self._too_much(work, command)
                cut, more = cut + shorter, left
            if bare or cut:
                work.commit()
        return Purged(len(bare), cut, more)

    def _too_old(self, work: PurgeWork, most: int) -> list[JobId]:
        found = work.finished.ended_before(self._retention.ended_before(work.now()), most)[:most]
        if not found and self._retention.jobs is not None:
            found = work.finished.surplus(self._retention.jobs, most)
        return found

    def _too_much(self, work: PurgeWork, command: PurgeJobsCommand) -> tuple[int, bool]:
        """Cut the oldest logs until the total fits; how many chunks, and whether that was not enough."""
        if self._retention.output is None:
            return 0, False
        excess = work.gauges.stored_output() - self._retention.output
        if excess <= 0:
            return 0, False
        oldest = work.finished.outputs(None, command.most)
        chosen: list[StoredOutput] = []
        for each in oldest:
            if excess <= 0:
                break
            chosen.append(each)
            excess -= each.stored
        cut, whole = _cut(work.finished, chosen, command.chunks)
        return cut, bool(whole) or (excess > 0 and bool(oldest))


def _cut(finished: FinishedJobs, outputs: Sequence[StoredOutput], budget: int) -> tuple[int, list[StoredOutput]]:
    """How many chunks were cut off, and the logs of which something may be left."""
    left = budget
    for place, each in enumerate(outputs):
        left -= finished.cut(each.ref, left)
        if left <= 0:
            return budget - left, list(outputs[place:])
    return budget - left, []
