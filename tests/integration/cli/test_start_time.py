"""A command of the client starts at once: in processor time, and in what asyncio takes, so no machine is too slow."""

import subprocess
import sys

import pytest

IMPORT = "import time; start = time.process_time(); import {0}; print(time.process_time() - start)"


def seconds_to_import(module: str) -> float:
    program = IMPORT.format(module)
    return min(float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(5))


@pytest.mark.parametrize(("module", "most"), [("runyard", 1.5), ("runyard.entrypoints.cli.run", 7.0)])
def test_a_module_is_imported_within_its_budget(module, most) -> None:
    assert seconds_to_import(module) <= most * seconds_to_import("asyncio")
