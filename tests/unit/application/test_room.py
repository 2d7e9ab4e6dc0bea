"""What happens to submissions when there is no room."""

import pytest

from runyard.application.ports.room import StorageFull

from .yard import MemoryYard


def test_nothing_is_accepted_without_room_and_it_passes_by_itself(yard: MemoryYard):
    before = yard.submit()
    yard.room.full = True

    with pytest.raises(StorageFull):
        yard.submit()
    assert yard.get(before.id) == before
    assert yard.assign()

    yard.room.full = False
    assert yard.submit().id != before.id
