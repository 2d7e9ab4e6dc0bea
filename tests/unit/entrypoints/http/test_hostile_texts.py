import pytest

from runyard.adapters.memory.store import MemoryStore

from .hostile_texts import HostileTextsContract


class TestHostileTexts(HostileTextsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
