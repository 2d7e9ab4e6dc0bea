"""The syncing thread: whatever the disk does, what was asked for is answered once it is durable, and not before."""

import errno
import os
import select
from pathlib import Path

import pytest

from runyard.adapters.supervised.program import sync as syncing
from runyard.adapters.supervised.program.journal import OWNED, Journal
from runyard.adapters.supervised.program.sync import Sync


def answered(sync: Sync, seconds: float) -> int:
    """How many were told, waiting so long for the first."""
    select.select([sync.ready], [], [], seconds)
    told = sync.done()
    for then in told:
        then()
    return len(told)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(str(tmp_path))


def test_a_disk_that_fails_for_a_while_delays_what_waits_and_loses_nothing(
    journal: Journal, monkeypatch, capfd
) -> None:
    monkeypatch.setattr(syncing, "_AGAIN_SECONDS", 0.01)
    really, failures, happened = os.fdatasync, [errno.EIO, errno.ENOSPC], list[str]()

    def fails_twice(descriptor: int) -> None:
        if failures:
            raise OSError(failures.pop(), "the disk says no")
        really(descriptor)
        happened.append("durable")

    monkeypatch.setattr(os, "fdatasync", fails_twice)
    sync = Sync(journal)
    for number in (1, 2):
        journal.put(OWNED, f"a/{number}", {})
        sync.want([], lambda: happened.append("told"))
        sync.flush()
        assert answered(sync, 10) == 1

    assert happened == ["durable", "told"] * 2
    assert capfd.readouterr().err.count("the disk says no") == 1


def test_an_old_journal_that_is_gone_already_stops_nothing(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path), file_size=100)
    sync = Sync(journal)
    for number in range(1, 30):
        journal.put(OWNED, f"a/{number}", {})
        journal.forget(f"a/{number}")
    for file in sorted(tmp_path.iterdir())[:-1]:
        file.unlink()

    sync.want([], lambda: None)
    sync.flush()

    assert answered(sync, 10) == 1
    sync.want([str(tmp_path / "o" / "gone")], lambda: None)
    sync.flush()
    assert answered(sync, 10) == 1
