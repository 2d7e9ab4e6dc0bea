"""Jobs as use cases change them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table
from sqlalchemy.exc import IntegrityError

from ...application.ports.jobs import Change, LaneShare, NewJob
from ...domain.jobs.errors import SeatTaken, StaleJobs
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.outline import SpecOutline
from ...domain.jobs.states import JobState
from .batch import delete_all, insert_all, update_all
from .documents import outline_document, rest_document
from .lanes import keep_lanes
from .rows import Values, attempt_key, attempt_values, belonging, found_by, made, moved
from .selection import locked, locked_due, locked_heads, versions
from .tables.jobs import ATTEMPT, DUE, JOB, JOB_LABEL, JOB_SPEC, READY
from .tables.seats import HOLD, WAITER


class SqlJobs:
    """Rows of jobs are locked before their attempts are read, so that what was waited for is seen.

    Locks are taken in the order of ids, or without waiting: no two units of work wait for each other.
    """

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def add_all(self, jobs: Sequence[NewJob]) -> None:
        keep_lanes(self._connection, [new.spec.lane for new in jobs])
        values = [new.job for new in jobs]
        rows = [{**made(new.job), **belonging(new.spec), **moved(new.job), "version": new.job.version} for new in jobs]
        insert_all(self._connection, JOB, rows)
        insert_all(self._connection, JOB_SPEC, [_spec_row(new) for new in jobs])
        insert_all(self._connection, JOB_LABEL, [row for new in jobs for row in _label_rows(new)])
        insert_all(self._connection, ATTEMPT, [row for job in values for row in _attempt_rows(job)])
        insert_all(self._connection, READY, [row for job in values for row in _ready(job)])
        insert_all(self._connection, DUE, [row for job in values for row in _due(job)])
        insert_all(self._connection, WAITER, [row for job in values for row in _waiter(job)])
        self._take_seats([row for job in values for row in _hold(job)])

    def take(self, shares: Sequence[LaneShare], k: int) -> list[Job]:
        lanes = {share.lane: share for share in shares if share.most > 0}
        return locked_heads(self._connection, lanes, k) if lanes and k > 0 else []

    def lock(self, ids: Collection[JobId]) -> list[Job]:
        return locked(self._connection, ids) if ids else []

    def lock_due(self, k: int) -> list[Job]:
        return locked_due(self._connection, self._now(), k)

    def save_all(self, changes: Sequence[Change]) -> None:
        changes = sorted((each for each in changes if each.before != each.after), key=lambda each: each.before.id)
        rows = [{"id": each.before.id, "version": each.before.version, **moved(each.after)} for each in changes]
        if update_all(self._connection, JOB, ("id", "version"), rows) != len(changes):
            raise StaleJobs(self._stale(changes))
        self._save_attempts(changes)
        self._save_places(READY, changes, _ready)
        self._save_places(DUE, changes, _due)
        self._save_places(WAITER, changes, _waiter)
        pairs = [(_hold(change.before), _hold(change.after)) for change in changes]
        delete_all(self._connection, HOLD, [row for before, after in pairs for row in before if before != after])
        self._take_seats([row for before, after in pairs for row in after if before != after])

    def _take_seats(self, rows: Sequence[Values]) -> None:
        try:
            insert_all(self._connection, HOLD, rows)
        except IntegrityError as error:
            self._connection.rollback()
            raise SeatTaken from error

    def _stale(self, changes: Sequence[Change]) -> list[JobId]:
        """Which of them somebody else changed; what this unit of work did is undone first, so that none is saved."""
        self._connection.rollback()
        seen = [change.before.id for change in changes]
        stored = versions(self._connection, seen)
        stale = [change.before.id for change in changes if stored.get(change.before.id) != change.before.version]
        return stale or sorted({job_id for job_id in seen if seen.count(job_id) > 1})

    def _save_attempts(self, changes: Iterable[Change]) -> None:
        known, new = list[Values](), list[Values]()
        for before, after in ((change.before.attempt, change.after) for change in changes):
            if after.attempt and after.attempt != before:
                same = before is not None and before.number == after.attempt.number
                (known if same else new).extend(_attempt_rows(after))
        update_all(self._connection, ATTEMPT, ("job_id", "number"), known)
        insert_all(self._connection, ATTEMPT, new)

    def _save_places(self, table: Table, changes: Sequence[Change], places: Callable[[Job], list[Values]]) -> None:
        pairs = [(places(change.before), places(change.after)) for change in changes]
        delete_all(self._connection, table, [row for before, after in pairs for row in before if before != after])
        insert_all(self._connection, table, [row for before, after in pairs for row in after if before != after])


def _spec_row(new: NewJob) -> Values:
    outline = SpecOutline.of(new.spec)
    return {"job_id": new.job.id, "spec": outline_document(outline), "rest": rest_document(new.spec, outline)}


def _label_rows(new: NewJob) -> list[Values]:
    return [{"key": key, "value": value, "job_id": new.job.id} for key, value in found_by(new.spec).items()]


def _attempt_rows(job: Job) -> list[Values]:
    return [{**attempt_key(job.id, job.attempt), **attempt_values(job.attempt)}] if job.attempt else []


def _ready(job: Job) -> list[Values]:
    return [{"lane": job.lane, "rank": job.rank, "job_id": job.id}] if job.state is JobState.QUEUED else []


def _due(job: Job) -> list[Values]:
    return [{"at": job.due_at, "job_id": job.id}] if job.due_at else []


def _hold(job: Job) -> list[Values]:
    if job.concurrency is None or job.seat is None:
        return []
    return [{"key": job.concurrency.line, "seat": job.seat, "job_id": job.id}]


def _waiter(job: Job) -> list[Values]:
    return (
        [{"key": job.concurrency.line, "rank": job.rank, "job_id": job.id}] if job.concurrency and job.in_line else []
    )
