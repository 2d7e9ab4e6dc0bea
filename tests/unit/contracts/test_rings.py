import pytest

from runyard.adapters.memory.rings import MemoryRings
from tests.contracts.rings import RingsContract


class TestMemoryRings(RingsContract):
    @pytest.fixture
    def rings(self) -> MemoryRings:
        return MemoryRings()
