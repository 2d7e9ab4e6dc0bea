import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.machine
def test_200_megabytes_of_output_are_stored_and_read_in_flat_memory(migrated_url):
    argv = [sys.executable, "-m", "tests.contracts.sql.long_logs", migrated_url]

    assert int(subprocess.check_output(argv, cwd=ROOT)) < 40
