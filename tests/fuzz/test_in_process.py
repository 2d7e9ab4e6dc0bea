import pytest

from runyard.adapters.memory.store import MemoryStore

from .judging import SECONDS, assert_nothing_is_wrong, attacked
from .targets import in_process


@pytest.mark.timeout(SECONDS)
def test_thousands_of_requests_find_no_fault_in_memory() -> None:
    assert_nothing_is_wrong(attacked("memory", in_process(MemoryStore()), 0.5))
