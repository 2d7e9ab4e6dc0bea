import pytest

from tests.unit.application.yard import MemoryYard


@pytest.fixture
def yard() -> MemoryYard:
    return MemoryYard()
