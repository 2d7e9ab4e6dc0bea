"""Stores that need nothing but this machine."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runyard.adapters.memory.store import MemoryStore
from runyard.adapters.sql.store import SqlStore, open_store
from tests.contracts.stores import Store
from tests.proofs.stores import emptied


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "store.db")
    sqlite = open_store(f"sqlite:///{file}")
    yield sqlite
    sqlite.close()


@pytest.fixture
def empty_store(store: Store) -> Callable[[], Store]:
    """The store without anything in it, as often as it is asked for."""
    return lambda: emptied(store) if isinstance(store, SqlStore) else MemoryStore()
