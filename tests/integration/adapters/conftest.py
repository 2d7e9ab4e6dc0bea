"""A PostgreSQL with the newest schema, as the contract suites use it."""

from tests.integration.contracts.conftest import migrated_url, store

__all__ = ["migrated_url", "store"]
