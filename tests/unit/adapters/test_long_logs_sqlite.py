import subprocess
import sys
from pathlib import Path

import pytest

from runyard.adapters.sql.store import open_store

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.machine
def test_200_megabytes_of_output_are_stored_and_read_in_flat_memory(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store = open_store(url)
    store.migrate()
    store.close()
    argv = [sys.executable, "-m", "tests.contracts.sql.long_logs", url]

    assert int(subprocess.check_output(argv, cwd=ROOT)) < 40
