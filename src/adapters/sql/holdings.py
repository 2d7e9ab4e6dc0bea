"""Everything there is, read and written in bulk."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, select, tuple_

from ...application.ports.holdings import KeyLimit, Owner, RowUnreadable, WholeJob, WholeSecret
from ...application.ports.jobs import NewJob
from ...application.ports.submission_keys import Reservation
from ...domain.accounts.account import Account
from ...domain.accounts.projects import DEFAULT_PROJECT, Project
from ...domain.accounts.tokens import Token
from ...domain.jobs.access import AttemptToken
from ...domain.jobs.attempt import Attempt
from ...domain.jobs.ids import JobId
from ...domain.jobs.submission import SubmissionKey
from ...domain.limits.limits import ProjectLimits
from ...domain.secrets.secret import Secret
from .accounts import SqlAccountReading, SqlAccounts
from .arrays import among, has_arrays, listed
from .attempt_tokens import SqlAttemptTokens, attempt_token_of
from .batch import insert_all
from .documents import spec_of
from .jobs import SqlJobs
from .limits import SqlLimits
from .projects import SqlProjects
from .rows import attempt_key, attempt_of, attempt_values, job_of
from .sealed import SqlSealedValues
from .secrets import secret_of
from .selection import JOB_COLUMNS
from .tables.accounts import ACCOUNT
from .tables.attempt_tokens import ATTEMPT_TOKEN
from .tables.jobs import ATTEMPT, JOB, JOB_SPEC
from .tables.limits import PROJECT_LIMIT
from .tables.projects import PROJECT
from .tables.queues import QUEUE_PAUSE
from .tables.runners import RUNNER
from .tables.seats import CKEY
from .tables.secrets import SECRET
from .tables.submission_keys import SUBMISSION_KEY
from .tokens import SqlTokens
from .unreadable import CANNOT

_HELD: Final[tuple[Table, ...]] = (
    JOB,
    RUNNER,
    ACCOUNT,
    PROJECT_LIMIT,
    QUEUE_PAUSE,
    CKEY,
    SUBMISSION_KEY,
    SECRET,
)
_WITH_SPEC: Final = select(*JOB_COLUMNS, JOB_SPEC.c.spec, JOB_SPEC.c.rest).outerjoin(
    JOB_SPEC, JOB_SPEC.c.job_id == JOB.c.id
)


class SqlHoldings:
    """Looks at the database as this connection's transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def owners(self) -> list[Owner]:
        connection = self._connection
        projects = [each for each in SqlProjects(connection).all() if each.name != DEFAULT_PROJECT]
        accounts, tokens = SqlAccountReading(connection).all(), SqlTokens(connection)
        return [
            *projects,
            *SqlLimits(connection).all(),
            *accounts,
            *(token for each in accounts for token in tokens.of(each.id)),
        ]

    def jobs(self, *, after: JobId | None, limit: int) -> list[WholeJob]:
        page = _WITH_SPEC.where(JOB.c.id > (after or "")).order_by(JOB.c.id).limit(limit)
        rows = self._connection.execute(page).all()
        ids = [row.id for row in rows]
        attempts, tokens = self._attempts(ids), self._tokens(ids)
        return [replace(_whole(row, attempts[row.id]), tokens=tuple(tokens[row.id])) for row in rows]

    def limits(self, *, after: str | None, limit: int) -> list[KeyLimit]:
        page = select(CKEY).where(CKEY.c.key > (after or "")).order_by(CKEY.c.key).limit(limit)
        return [KeyLimit(row.key, row.seats) for row in self._connection.execute(page)]

    def keys(self, *, after: str | None, limit: int) -> list[Reservation]:
        key = SUBMISSION_KEY.c.key
        page = select(SUBMISSION_KEY).where(key > (after or "")).order_by(key).limit(limit)
        return [
            Reservation(SubmissionKey.called(row.key, row.fingerprint), JobId(row.job_id), row.until)
            for row in self._connection.execute(page)
        ]

    def secrets(self, *, after: Secret | None, limit: int) -> list[WholeSecret]:
        key = tuple_(SECRET.c.project, SECRET.c.name)
        last = (after.project, after.name) if after else ("", "")
        page = select(SECRET).where(key > last).order_by(SECRET.c.project, SECRET.c.name).limit(limit)
        found = [secret_of(row) for row in self._connection.execute(page)]
        sealed = SqlSealedValues(self._connection).get([secret.place for secret in found])
        for secret in found:
            if secret.place not in sealed:
                raise RowUnreadable(secret.place.told, "its value is not there")
        return [WholeSecret(secret, sealed[secret.place]) for secret in found]

    def _attempts(self, ids: Sequence[str]) -> dict[str, list[Attempt]]:
        tries = select(ATTEMPT).where(among(ATTEMPT.c.job_id, "ids", arrays=has_arrays(self._connection)))
        rows = self._connection.execute(tries.order_by(ATTEMPT.c.number), {"ids": listed(self._connection, ids)})
        found = defaultdict[str, list[Attempt]](list)
        for row in rows:
            with readable(f"attempt {row.job_id}/{row.number}"):
                found[row.job_id].append(attempt_of(row))
        return found

    def _tokens(self, ids: Sequence[str]) -> dict[str, list[AttemptToken]]:
        mine = select(ATTEMPT_TOKEN).where(among(ATTEMPT_TOKEN.c.job_id, "ids", arrays=has_arrays(self._connection)))
        rows = self._connection.execute(mine.order_by(ATTEMPT_TOKEN.c.attempt), {"ids": listed(self._connection, ids)})
        found = defaultdict[str, list[AttemptToken]](list)
        for row in rows:
            found[row.job_id].append(attempt_token_of(row))
        return found


class SqlIntake:
    """Places in lanes and lines, labels and ends of ids follow from the jobs, as they always do."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._jobs = SqlJobs(connection, now)

    def empty(self) -> bool:
        others = select(PROJECT).where(PROJECT.c.name != DEFAULT_PROJECT)
        held = [*(select(table) for table in _HELD), others]
        return not any(self._connection.execute(query.limit(1)).first() for query in held)

    def add_owners(self, owners: Sequence[Owner]) -> None:
        for owner in owners:
            match owner:
                case Project():
                    SqlProjects(self._connection).add(owner)
                case ProjectLimits():
                    SqlLimits(self._connection).save(owner)
                case Account():
                    SqlAccounts(self._connection).add(owner)
                case Token():
                    SqlTokens(self._connection).add(owner)

    def add_jobs(self, jobs: Sequence[WholeJob]) -> None:
        if not jobs:
            return
        self._jobs.add_all([NewJob(whole.job, whole.spec) for whole in jobs])
        earlier = [(whole.job.id, attempt) for whole in jobs for attempt in whole.earlier]
        insert_all(
            self._connection,
            ATTEMPT,
            [{**attempt_key(job_id, attempt), **attempt_values(attempt)} for job_id, attempt in earlier],
        )
        SqlAttemptTokens(self._connection).add_all([token for whole in jobs for token in whole.tokens])

    def add_limits(self, limits: Sequence[KeyLimit]) -> None:
        insert_all(self._connection, CKEY, [{"key": each.key, "seats": each.limit} for each in limits])

    def add_keys(self, keys: Sequence[Reservation]) -> None:
        rows = [
            {"key": each.key.name, "fingerprint": each.key.fingerprint, "job_id": each.job_id, "until": each.until}
            for each in keys
        ]
        insert_all(self._connection, SUBMISSION_KEY, rows)

    def add_secrets(self, secrets: Sequence[WholeSecret]) -> None:
        rows = [asdict(whole.secret) for whole in secrets]
        insert_all(self._connection, SECRET, rows)
        for whole in secrets:
            SqlSealedValues(self._connection).put(whole.secret.place, whole.sealed)


@contextmanager
def readable(row: str) -> Iterator[None]:
    """What cannot be understood becomes `RowUnreadable`, with the name of the row."""
    try:
        yield
    except CANNOT as error:
        raise RowUnreadable(row, f"{type(error).__name__}: {error}") from error


def _whole(row: Any, attempts: Sequence[Attempt]) -> WholeJob:
    with readable(f"job {row.id}"):
        if row.spec is None:
            raise RowUnreadable(f"job {row.id}", "there is nothing to run")
        current = next((attempt for attempt in attempts if attempt.number == row.attempt), None)
        earlier = tuple(attempt for attempt in attempts if attempt.number != row.attempt)
        return WholeJob(job_of(row, current), spec_of(row.spec, row.rest), earlier)
