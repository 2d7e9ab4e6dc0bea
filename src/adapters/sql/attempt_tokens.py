"""The tokens of attempts: what is kept of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from ...domain.accounts.ids import TokenId
from ...domain.jobs.access import AttemptToken
from ...domain.jobs.ids import AttemptRef, JobId
from .batch import insert_all
from .tables.attempt_tokens import ATTEMPT_TOKEN


class SqlAttemptTokens:
    """Tokens of attempts, to read and to add."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, token_id: TokenId) -> AttemptToken | None:
        row = self._connection.execute(select(ATTEMPT_TOKEN).where(ATTEMPT_TOKEN.c.id == token_id)).one_or_none()
        return attempt_token_of(row) if row else None

    def add_all(self, tokens: Sequence[AttemptToken]) -> None:
        rows = [
            {"id": each.id, "job_id": each.ref.job_id, "attempt": each.ref.number, "hash": each.hash} for each in tokens
        ]
        insert_all(self._connection, ATTEMPT_TOKEN, rows)


def attempt_token_of(row: Row[Any]) -> AttemptToken:
    """The token in the row."""
    return AttemptToken(TokenId(row.id), AttemptRef(JobId(row.job_id), row.attempt), row.hash)
