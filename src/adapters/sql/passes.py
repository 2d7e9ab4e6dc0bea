"""The passes of agents: what is kept of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from ...domain.accounts.ids import TokenId
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import PassKind, RunnerPass
from .columns import KEY
from .tables.passes import RUNNER_PASS

_ONE: Final[Select[Any]] = select(RUNNER_PASS).where(RUNNER_PASS.c.id == bindparam("which", type_=KEY))


class SqlPasses:
    """Passes, to read and to change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, pass_id: TokenId) -> RunnerPass | None:
        row = self._connection.execute(_ONE, {"which": pass_id}).one_or_none()
        return _pass(row) if row else None

    def of(self, runner_id: RunnerId) -> list[RunnerPass]:
        mine = select(RUNNER_PASS).where(RUNNER_PASS.c.runner_id == runner_id)
        return [
            _pass(row) for row in self._connection.execute(mine.order_by(RUNNER_PASS.c.created_at, RUNNER_PASS.c.id))
        ]

    def add(self, runner_pass: RunnerPass) -> None:
        self._connection.execute(insert(RUNNER_PASS).values(id=runner_pass.id, **_values(runner_pass)))

    def save(self, runner_pass: RunnerPass) -> None:
        changed = update(RUNNER_PASS).where(RUNNER_PASS.c.id == runner_pass.id)
        self._connection.execute(changed.values(**_values(runner_pass)))

    def forget(self, runner_id: RunnerId, expired_before: datetime) -> None:
        mine = RUNNER_PASS.c.runner_id == runner_id
        self._connection.execute(delete(RUNNER_PASS).where(mine, RUNNER_PASS.c.expires_at < expired_before))


def _values(runner_pass: RunnerPass) -> Mapping[str, Any]:
    return {
        "runner_id": runner_pass.runner_id,
        "kind": runner_pass.kind.value,
        "hash": runner_pass.hash,
        "created_at": runner_pass.created_at,
        "expires_at": runner_pass.expires_at,
        "replaces": runner_pass.replaces,
        "replaced_by": runner_pass.replaced_by,
        "used_at": runner_pass.used_at,
        "over_at": runner_pass.over_at,
    }


def _pass(row: Row[Any]) -> RunnerPass:
    return RunnerPass(
        id=TokenId(row.id),
        runner_id=RunnerId(row.runner_id),
        kind=PassKind(row.kind),
        hash=row.hash,
        created_at=row.created_at,
        expires_at=row.expires_at,
        replaces=None if row.replaces is None else TokenId(row.replaces),
        replaced_by=None if row.replaced_by is None else TokenId(row.replaced_by),
        used_at=row.used_at,
        over_at=row.over_at,
    )
