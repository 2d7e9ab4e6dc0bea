import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.adapters.memory.store import MemoryStore
from runyard.adapters.sql.store import open_store
from tests.contracts.stores import Store

from .crawling import CrawlContract


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    sqlite = open_store(f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), tmp_path / 'store.db')}")
    yield sqlite
    sqlite.close()


class TestCrawl(CrawlContract): ...
