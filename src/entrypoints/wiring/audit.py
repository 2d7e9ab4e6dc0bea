"""A store without a server around it, for whoever checks it."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...adapters.sql.store import SqlStore, open_store


@contextmanager
def opened_store(url: str) -> Iterator[SqlStore]:
    """The store at this URL, with few connections, closed at the end."""
    store = open_store(url, connections=2)
    try:
        yield store
    finally:
        store.close()
