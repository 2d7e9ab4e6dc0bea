"""Connections to PostgreSQL that are never waited on for long, whatever the network and the server do."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection

T = TypeVar("T")

ANSWER_SECONDS = 12.0
"""No single call waits longer. The server's own limits are shorter, so that a slow server is told from a silent one."""


class PromptConnection(psycopg.Connection[Any]):
    """Every call has a deadline of ours, after which the connection is closed.

    Nothing the server or TCP offers replaces it: behind a peer that still acknowledges packets but forwards nothing,
    keepalives, `tcp_user_timeout` and `statement_timeout` all stay silent.
    """

    answer_seconds: float | None = ANSWER_SECONDS

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As psycopg waits, but not for ever."""
        limit = self.answer_seconds if timeout is None else timeout
        begun = monotonic()
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError as error:
            if limit is None or monotonic() - begun < limit:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {limit:g} seconds; the connection was closed") from error


@contextmanager
def without_deadline(connection: Connection) -> Iterator[None]:
    """Let this one wait as long as it takes: a migration may have much to move."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, PromptConnection):
        yield
        return
    driver.answer_seconds = None
    try:
        yield
    finally:
        driver.answer_seconds = ANSWER_SECONDS
