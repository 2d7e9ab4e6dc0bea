"""Any order of calls, on three stores at once: they agree with each other and with the model."""

import pytest

from runyard.adapters.sql.store import SqlStore
from tests.proofs.machine.houses import Houses
from tests.proofs.machine.running import prove


@pytest.mark.machine
@pytest.mark.proof
@pytest.mark.timeout(600)
def test_memory_sqlite_and_postgresql_never_differ(stores: dict[str, SqlStore]) -> None:
    prove(lambda: Houses(stores), examples=100, steps=50)
