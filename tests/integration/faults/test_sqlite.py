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

from runyard.adapters.sql.store import open_store
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

    with store.read() as reading:
        page = reading.jobs.page(JobFilter(), after=None, limit=1_000_000)
    assert len(said) >= KILLS
    assert set(said) <= {item.job.id for item in page.items}
    store.close()
