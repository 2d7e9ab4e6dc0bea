"""Runners."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Row, Update, insert, select, update
from sqlalchemy.exc import IntegrityError

from ...application.ports.runners import RunnerNameTaken
from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import DriverLease, Runner, RunnerKind
from .documents import document
from .tables.runners import RUNNER


class SqlRunners:
    """Runners as use cases change them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, runner: Runner) -> None:
        self._store(insert(RUNNER), runner)

    def lock(self, runner_id: RunnerId) -> Runner:
        runner = self._locked(RUNNER.c.id == runner_id)
        if runner is None:
            raise RunnerNotFound(runner_id)
        return runner

    def named(self, name: str) -> Runner | None:
        return self._locked(RUNNER.c.name == name)

    def save(self, runner: Runner) -> None:
        if self._store(update(RUNNER).where(RUNNER.c.id == runner.id), runner) == 0:
            raise RunnerNotFound(runner.id)

    def _store(self, statement: Insert | Update, runner: Runner) -> int:
        try:
            with self._connection.begin_nested():
                return self._connection.execute(statement.values(_values(runner))).rowcount
        except IntegrityError as refused:
            namesake = self.named(runner.name)
            if namesake is None or namesake.id == runner.id:
                raise
            raise RunnerNameTaken(runner.name) from refused

    def _locked(self, which: ColumnElement[bool]) -> Runner | None:
        row = self._connection.execute(select(RUNNER).where(which).with_for_update()).one_or_none()
        return runner_of(row) if row else None


class SqlRunnerReading:
    """Runners as they are read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names(self) -> dict[RunnerId, str]:
        rows = self._connection.execute(select(RUNNER.c.id, RUNNER.c.name))
        return {RunnerId(row.id): row.name for row in rows}


def _values(runner: Runner) -> Mapping[str, Any]:
    driver = runner.driver
    return {
        "id": runner.id,
        "name": runner.name,
        "kind": runner.kind.value,
        "slots": runner.slots,
        "queues": document(list(runner.queues)),
        "labels": document(dict(runner.labels)),
        "driver_id": driver and driver.driver_id,
        "driver_epoch": driver and driver.epoch,
        "driver_until": driver and driver.until,
    }


def runner_of(row: Row[Any]) -> Runner:
    driver = None
    if row.driver_id is not None:
        driver = DriverLease(driver_id=DriverId(row.driver_id), epoch=row.driver_epoch, until=row.driver_until)
    return Runner(
        id=RunnerId(row.id),
        name=row.name,
        kind=RunnerKind(row.kind),
        slots=row.slots,
        queues=tuple(json.loads(row.queues)),
        labels=json.loads(row.labels),
        driver=driver,
    )
