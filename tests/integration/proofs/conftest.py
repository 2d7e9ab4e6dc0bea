"""SQLite and PostgreSQL, to be emptied for each example."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.adapters.sql.store import SqlStore, open_store


@pytest.fixture
def stores(postgres_url: str, tmp_path: Path) -> Iterator[dict[str, SqlStore]]:
    opened = {"sqlite": open_store(f"sqlite:///{tmp_path / 'store.db'}"), "postgresql": open_store(postgres_url)}
    for store in opened.values():
        store.migrate()
    yield opened
    for store in opened.values():
        store.close()
