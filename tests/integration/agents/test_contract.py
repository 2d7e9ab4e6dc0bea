"""The suites of executors on a machine that fetches its work, as far as others can ask anything of it.

What is between an agent and its own supervisor (hellos, receipts, leases) is what `TestLocalExecutor` holds: it is the
same supervisor, by the same pipe.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.domain.jobs.ids import AttemptRef
from runyard.entrypoints.client.client import Client
from tests.contracts.masking import MaskingContract
from tests.contracts.output import OutputContract
from tests.contracts.runs import RunsContract
from tests.integration.contracts.test_executor import Programs
from tests.integration.server import Server

from .asked import AskedHost
from .box import Box

pytestmark = pytest.mark.servers


class MachineWithAgent:
    """A real agent of a real server; it is started when it is needed."""

    def __init__(self, client: Client, box: Box, folder: Path, interpreter: str) -> None:
        self._client, self._box = client, box
        self._jobs: dict[AttemptRef, str] = {}
        self.commands = Programs(folder, interpreter)

    def connect(self) -> AskedHost:
        if self._box.process is None:
            self._box.start()
        return AskedHost(self._client, self._box, self._jobs)


@pytest.fixture(scope="module")
def machine(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MachineWithAgent]:
    folder = tmp_path_factory.mktemp("machine")
    box = Box(server, folder, "contract", slots=50)
    with server.client() as client:
        yield MachineWithAgent(client, box, folder, sys.executable)
    box.close()


class TestAgentRuns(RunsContract):
    pass


class TestAgentOutput(OutputContract):
    pass


class TestAgentMasking(MaskingContract):
    pass
