import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from runyard.adapters.sql.store import open_store
from runyard.application.ports.jobs import JobFilter

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.chaos
def test_what_two_killed_processes_committed_is_there_and_whole(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store = open_store(url)
    store.migrate()
    said: list[str] = []
    for _ in range(3):
        with ExitStack() as stack:
            argv = [sys.executable, "-m", "tests.contracts.sql.crashing", url]
            pair = [
                stack.enter_context(subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True))
                for _ in range(2)
            ]
            heard = [[each.stdout.readline() for _ in range(50)] for each in pair if each.stdout]
            for each in pair:
                each.kill()
            said += [line.strip() for lines in heard for line in lines]
            said += [line.strip() for each in pair for line in each.stdout or () if line.endswith("\n")]

    with store.read() as reading:
        page = reading.jobs.page(JobFilter(), after=None, limit=1_000_000)
    assert len(said) >= 300
    assert set(said) <= {item.job.id for item in page.items}
    store.close()
