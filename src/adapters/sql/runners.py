"""Runners."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Update, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ...application.ports.runners import RunnerNameTaken, RunnerRecord
from ...domain.runners.agent import HEARD_OF, Contact, Watch
from ...domain.runners.availability import Availability, AvailabilityState
from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import DriverLease, Runner, RunnerKind
from .agent_documents import agent_document, agent_of
from .columns import KEY, MOMENT, NUMBER, TEXT
from .documents import document, sentence
from .host_documents import check_document, check_of, target_document, target_of, trouble_document, trouble_of
from .tables.jobs import ATTEMPT
from .tables.runners import RUNNER

_ALL: Final[Select[Any]] = select(RUNNER)
_BY_ID: Final = _ALL.where(RUNNER.c.id == bindparam("which", type_=KEY)).with_for_update()
_NAMED: Final = _ALL.where(RUNNER.c.name == bindparam("which", type_=TEXT))
_PAGE: Final = (
    _ALL.where(RUNNER.c.id > bindparam("after", type_=KEY))
    .where(or_(RUNNER.c.project == bindparam("project", type_=KEY), RUNNER.c.shared_with != document([])))
    .order_by(RUNNER.c.id)
    .limit(bindparam("most", type_=NUMBER))
)
_FIRST_PAGE: Final = 16
_NEXT_PAGES: Final = 500
_SILENT: Final = _ALL.where(
    RUNNER.c.told.in_(sorted(each.value for each in HEARD_OF)),
    or_(
        RUNNER.c.driver_until <= bindparam("now", type_=MOMENT),
        RUNNER.c.driver_heard_at <= bindparam("since", type_=MOMENT),
    ),
)
_BY_NAME: Final = _NAMED.with_for_update()


class SqlRunners:
    """Runners as use cases change them. Of those that are locked it writes what has changed: a heartbeat is short."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stored: dict[str, Mapping[str, Any]] = {}

    def add(self, runner: Runner) -> None:
        values = _values(runner)
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(RUNNER), values)
        except IntegrityError as refused:
            raise self._taken(runner, refused) from refused

    def lock(self, runner_id: RunnerId) -> Runner:
        runner = self._locked(_BY_ID, runner_id)
        if runner is None:
            raise RunnerNotFound(runner_id)
        return runner

    def named(self, name: str) -> Runner | None:
        return self._locked(_BY_NAME, name)

    def save(self, runner: Runner) -> None:
        values, stored = _values(runner), self._stored.get(runner.id, {})
        changed = {name: value for name, value in values.items() if name not in stored or stored[name] != value}
        if "name" not in changed:
            self._update(runner.id, changed)
        else:
            try:
                with self._connection.begin_nested():
                    self._update(runner.id, changed)
            except IntegrityError as refused:
                raise self._taken(runner, refused) from refused
        self._stored[runner.id] = values

    def remove(self, runner_id: RunnerId) -> None:
        if self._connection.execute(delete(RUNNER).where(RUNNER.c.id == runner_id)).rowcount == 0:
            raise RunnerNotFound(runner_id)
        self._stored.pop(runner_id, None)

    def _update(self, runner_id: RunnerId, changed: Mapping[str, Any]) -> None:
        if not changed:
            return
        given = {_given(name): value for name, value in changed.items()}
        if self._connection.execute(_change(tuple(changed)), {"which": runner_id, **given}).rowcount == 0:
            raise RunnerNotFound(runner_id)

    def _taken(self, runner: Runner, refused: IntegrityError) -> Exception:
        """What the database meant: the name is another's, or something that nobody may do."""
        namesake = self.named(runner.name)
        return refused if namesake is None or namesake.id == runner.id else RunnerNameTaken(runner.name)

    def _locked(self, query: Select[Any], which: str) -> Runner | None:
        row = self._connection.execute(query, {"which": which}).one_or_none()
        if row is None:
            return None
        self._stored[row.id] = row._asdict()
        return runner_of(row)


@lru_cache(64)
def _change(names: tuple[str, ...]) -> Update:
    values = {name: bindparam(_given(name), type_=RUNNER.c[name].type) for name in names}
    return update(RUNNER).where(RUNNER.c.id == bindparam("which", type_=KEY)).values(values)


def _given(name: str) -> str:
    return f"p_{name}"


class SqlRunnerReading:
    """Runners as they are read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names(self) -> dict[RunnerId, str]:
        rows = self._connection.execute(select(RUNNER.c.id, RUNNER.c.name))
        return {RunnerId(row.id): row.name for row in rows}

    def all(self, *, kind: RunnerKind | None = None, state: AvailabilityState | None = None) -> list[RunnerRecord]:
        asked = _ALL if kind is None else _ALL.where(RUNNER.c.kind == kind.value)
        asked = asked if state is None else asked.where(RUNNER.c.state == state.value)
        runners = sorted(map(runner_of, self._connection.execute(asked)), key=lambda each: each.name)
        busy = {row.runner_id: row.busy for row in self._connection.execute(_BUSY)} if runners else {}
        return [RunnerRecord(each, busy.get(each.id, 0)) for each in runners]

    def each(self, project: str, named: str | None = None) -> Iterator[Runner]:
        first = None if named is None else self._connection.execute(_NAMED, {"which": named}).one_or_none()
        rest = (row for row in self._rows_around(project) if first is None or row.id != first.id)
        rows = rest if first is None else chain([first], rest)
        return (runner for runner in map(runner_of, rows) if runner.reaches(project))

    def _rows_around(self, project: str) -> Iterator[Row[Any]]:
        """Page by page: most of the time the first of them will do."""
        after, most = "", _FIRST_PAGE
        while page := self._connection.execute(_PAGE, {"project": project, "after": after, "most": most}).all():
            yield from page
            after, most = page[-1].id, _NEXT_PAGES

    def silent(self, now: datetime, since: datetime) -> list[Runner]:
        return [runner_of(row) for row in self._connection.execute(_SILENT, {"now": now, "since": since})]

    def get(self, which: str) -> RunnerRecord:
        known = select(RUNNER).where(or_(RUNNER.c.id == which, RUNNER.c.name == which))
        found = sorted(map(runner_of, self._connection.execute(known)), key=lambda each: each.id != which)
        if not found:
            raise RunnerNotFound(which)
        busy = self._connection.execute(_BUSY.where(ATTEMPT.c.runner_id == found[0].id)).one_or_none()
        return RunnerRecord(found[0], busy.busy if busy else 0)


_BUSY: Final = (
    select(ATTEMPT.c.runner_id, func.count().label("busy"))
    .where(ATTEMPT.c.ended_at.is_(None))
    .group_by(ATTEMPT.c.runner_id)
)


def _values(runner: Runner) -> Mapping[str, Any]:
    driver = runner.driver
    return {
        "id": runner.id,
        "name": runner.name,
        "kind": runner.kind.value,
        "slots": runner.slots,
        "queues": document(list(runner.queues)),
        "labels": document(dict(runner.labels)),
        "revision": runner.revision,
        "state": runner.availability.state.value,
        "state_until": runner.availability.until,
        "state_note": sentence(runner.availability.note),
        "state_since": runner.availability.since,
        "driver_id": driver and driver.driver_id,
        "driver_epoch": driver and driver.epoch,
        "driver_until": driver and driver.until,
        "driver_since": driver and driver.since,
        "driver_heard_at": driver and driver.heard_at,
        "project": runner.project,
        "shared_with": document(list(runner.shared_with)),
        "owners": document(list(runner.owners)),
        "ssh": target_document(runner.ssh),
        "trouble": trouble_document(runner.trouble),
        "checked": check_document(runner.checked),
        "agent": agent_document(runner.agent),
        "told": runner.watch.told.value,
        "drain_left": runner.watch.left,
        "refuses": trouble_document(runner.refuses),
    }


def runner_of(row: Row[Any]) -> Runner:
    driver = None
    if row.driver_id is not None:
        driver = DriverLease(
            driver_id=DriverId(row.driver_id),
            epoch=row.driver_epoch,
            until=row.driver_until,
            since=row.driver_since,
            heard_at=row.driver_heard_at,
        )
    return Runner(
        id=RunnerId(row.id),
        name=row.name,
        kind=RunnerKind(row.kind),
        slots=row.slots,
        queues=tuple(json.loads(row.queues)),
        labels=json.loads(row.labels),
        revision=row.revision,
        availability=Availability(
            state=AvailabilityState(row.state), until=row.state_until, note=row.state_note, since=row.state_since
        ),
        driver=driver,
        project=row.project,
        shared_with=tuple(json.loads(row.shared_with)),
        owners=tuple(json.loads(row.owners)),
        ssh=target_of(row.ssh),
        trouble=trouble_of(row.trouble),
        checked=check_of(row.checked),
        agent=agent_of(row.agent),
        watch=Watch(Contact(row.told), row.drain_left),
        refuses=trouble_of(row.refuses),
    )
