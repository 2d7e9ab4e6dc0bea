"""A connection that stays open and says nothing (F27), and connections that are all taken (F26)."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import make_url

from runyard.adapters.sql import engine
from runyard.adapters.sql.checks import StoreUnfit
from runyard.adapters.sql.deadline import ANSWER_SECONDS, PromptConnection
from runyard.adapters.sql.engine import PATIENCE
from runyard.adapters.sql.store import SqlStore, open_store
from runyard.application.ports.work import StoreUnavailable
from tests.integration.postgres import PostgresServer
from tests.integration.stalling import Way, way


@pytest.fixture
def stalling(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SqlStore, Way]]:
    monkeypatch.setattr(PromptConnection, "answer_seconds", 1.0)
    address = make_url(migrated_url)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        name = ".s.PGSQL.5432"
        with way(Path(folder, name), Path(str(address.query["host"]), name)) as opened:
            store = open_store(address.set(query={"host": folder}).render_as_string(hide_password=False))
            yield store, opened
            store.close()


def test_the_deadline_leaves_room_within_fifteen_seconds() -> None:
    assert ANSWER_SECONDS < 15


@pytest.mark.parametrize("moment", ["query", "commit"])
def test_f27_a_silent_database_is_given_up_by_our_own_deadline_and_the_next_call_works(
    stalling: tuple[SqlStore, Way], moment: str
) -> None:
    store, opened = stalling
    store.answers()

    def across_the_silence() -> None:
        with store.begin() as work:
            work.now()
            opened.stall()
            work.commit() if moment == "commit" else work.now()

    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="no answer within 1 seconds"):
        across_the_silence()
    took = time.monotonic() - begun

    assert 0.9 < took < PATIENCE, "the limits of the server are not what ended it"
    opened.flow()
    store.answers()
    store.current()


def test_f26_requests_learn_within_two_seconds_that_all_connections_are_taken(migrated_url: str) -> None:
    store = open_store(migrated_url, connections=1)
    with store.begin() as work:
        work.now()
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable, match="in use"), store.read():
            pass
        assert time.monotonic() - begun < PATIENCE
    assert engine._BUSY_SECONDS <= 2
    store.close()


def test_a_database_that_may_forget_is_unfit_and_says_what_to_set(
    migrated_url: str, postgres_server: PostgresServer
) -> None:
    store = open_store(migrated_url)
    with pytest.raises(StoreUnfit, match="fsync is off"):
        store.durable()
    store.close()


def test_f27_without_our_deadline_a_silent_database_is_waited_for(
    stalling: tuple[SqlStore, Way], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence off: neither the server's limits nor those of TCP end the wait."""
    monkeypatch.setattr(PromptConnection, "answer_seconds", None)
    store, opened = stalling
    store.answers()
    opened.stall()
    waiting = Thread(target=store.answers, daemon=True)
    waiting.start()
    waiting.join(PATIENCE + 3)

    assert waiting.is_alive()
    opened.flow()
    waiting.join(60)
    assert not waiting.is_alive()
