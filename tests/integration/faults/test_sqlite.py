"""Writers to SQLite are killed in the middle of a write. `RUNYARD_KILLS=200` for the whole of it."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from runyard.adapters.sql.store import SqlStore, open_store
from runyard.application.ports.jobs import JobFilter

ROOT = Path(__file__).resolve().parents[3]
KILLS = int(os.environ.get("RUNYARD_KILLS", "8"))


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_f30_what_killed_writers_committed_is_there_and_the_file_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}")
    store.migrate()
    said, dice = list[str](), random.Random(1)  # noqa: S311 - repeatable
    argv = [sys.executable, "-m", "tests.contracts.sql.crashing", f"sqlite:///{file}"]
    for _ in range(KILLS // 2):
        with ExitStack() as stack:
            pair = [
                stack.enter_context(subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True))
                for _ in range(2)
            ]
            said += [each.stdout.readline().strip() for each in pair if each.stdout]
            time.sleep(dice.uniform(0.01, 0.2))
            for each in pair:
                each.kill()
            said += [line.strip() for each in pair for line in each.stdout or () if line.endswith("\n")]
        with closing(sqlite3.connect(file)) as raw:
            assert raw.execute("pragma integrity_check").fetchall() == [("ok",)]

    assert len(said) >= KILLS
    assert set(said) <= ids(store)
    store.close()


@pytest.mark.chaos
def test_f30_what_is_said_before_it_is_committed_would_be_gone(tmp_path: Path) -> None:
    """The defence off: this is why nobody is answered before the commit."""
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}")
    store.migrate()
    argv = [sys.executable, "-m", "tests.contracts.sql.crashing", f"sqlite:///{file}", "early"]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        said = writer.stdout.readline().strip() if writer.stdout else ""
        writer.kill()

    assert said
    assert said not in ids(store)
    store.close()


def ids(store: SqlStore) -> set[str]:
    with store.read() as reading:
        page = reading.jobs.page(JobFilter(), after=None, limit=1_000_000)
    return {item.job.id for item in page.items}
