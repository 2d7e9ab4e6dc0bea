"""The keys of submissions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, select

from ...application.ports.submission_keys import Reservation, Reserved, Seen
from ...domain.jobs.ids import JobId
from ...domain.jobs.submission import SubmissionKey
from .arrays import among, has_arrays, listed
from .batch import delete_all, insert_new
from .columns import MOMENT, NUMBER
from .tables.submission_keys import SUBMISSION_KEY

_KEY: Final = SUBMISSION_KEY.c.key


class SqlSubmissionKeys:
    """Keys as use cases reserve and forget them.

    They are inserted in their order, so that two units of work with the same keys wait for one another in one
    direction only; what was waited for is read by a statement of its own, which sees it.
    """

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def reserve(self, items: Sequence[Reservation]) -> list[Reserved | Seen]:
        if not items:
            return []
        first: dict[str, Reservation] = {}
        for item in items:
            first.setdefault(item.key.name, item)
        new = set[str]()
        seen = dict[str, Seen]()
        while missing := first.keys() - seen.keys():  # twice only where a key was forgotten between the two statements
            rows = [_row(first[name]) for name in sorted(missing)]
            added = insert_new(self._connection, SUBMISSION_KEY, "key", rows)
            new |= added
            seen |= {name: _seen(first[name]) for name in added}
            seen |= self._seen(missing - added)
        return [
            Reserved() if item.key.name in new and first[item.key.name] is item else seen[item.key.name]
            for item in items
        ]

    def release(self, keys: Sequence[SubmissionKey]) -> None:
        delete_all(self._connection, SUBMISSION_KEY, [{"key": key.name} for key in keys])

    def forget(self, most: int) -> int:
        return self._connection.execute(_FORGET, {"now": self._now(), "most": most}).rowcount

    def _seen(self, texts: Collection[str]) -> dict[str, Seen]:
        if not texts:
            return {}
        known = _known(arrays=has_arrays(self._connection))
        rows = self._connection.execute(known, {"keys": listed(self._connection, texts)})
        return {row.key: Seen(row.fingerprint, JobId(row.job_id), row.until) for row in rows}


def _seen(item: Reservation) -> Seen:
    return Seen(item.key.fingerprint, item.job_id, item.until)


def _row(item: Reservation) -> Mapping[str, Any]:
    return {
        "key": item.key.name,
        "fingerprint": item.key.fingerprint,
        "job_id": item.job_id,
        "until": item.until,
    }


@lru_cache
def _known(*, arrays: bool) -> Select[Any]:
    return select(SUBMISSION_KEY).where(among(_KEY, "keys", arrays=arrays))


_OVER: Final = (
    select(_KEY)
    .where(SUBMISSION_KEY.c.until <= bindparam("now", type_=MOMENT))
    .order_by(SUBMISSION_KEY.c.until)
    .limit(bindparam("most", type_=NUMBER))
    .with_for_update(skip_locked=True)
)
_FORGET: Final = delete(SUBMISSION_KEY).where(_KEY.in_(_OVER))
