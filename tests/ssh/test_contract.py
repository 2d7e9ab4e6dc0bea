"""The suite of executors on a host that is reached by ssh."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.adapters.supervised.executor import SupervisedExecutor
from tests.contracts.collector import CollectorContract
from tests.contracts.deadman import DeadmanContract
from tests.contracts.executor import ExecutorContract
from tests.contracts.masking import MaskingContract
from tests.integration.contracts.test_executor import Programs

from .far_yard import FarYard
from .sshd import Sshd


class FarMachine:
    """A host reached by ssh."""

    def __init__(self, yard: FarYard, folder: Path) -> None:
        self._yard = yard
        self.commands = Programs(folder, "python3")

    def connect(self) -> SupervisedExecutor:
        return self._yard.another()


@pytest.fixture(scope="module")
def far_yard(host: Sshd) -> Iterator[FarYard]:
    yard = FarYard(host)
    yield yard
    yard.close()


@pytest.fixture
def machine(far_yard: FarYard, ground: Path) -> FarMachine:
    return FarMachine(far_yard, ground)


class TestSshExecutor(ExecutorContract):
    pass


class TestSshMasking(MaskingContract):
    pass


class TestSshCollector(CollectorContract):
    pass


class TestSshDeadman(DeadmanContract):
    pass
