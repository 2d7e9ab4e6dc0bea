"""Any order of calls, on the memory store: what is answered and what is held are what the model says.

`RUNYARD_EXAMPLES` and `RUNYARD_STEPS` make it longer; `make prove` does.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runyard.adapters.sql.store import SqlStore, open_store
from tests.proofs.defences import DEFENCES, without
from tests.proofs.machine.houses import Houses
from tests.proofs.machine.running import prove
from tests.proofs.rules import IN_SQL, RULES


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    store.migrate()
    yield store
    store.close()


def test_no_order_of_calls_surprises_the_model() -> None:
    prove(Houses, examples=60, steps=50)


@pytest.mark.timeout(600)
def test_no_order_of_calls_surprises_the_model_in_many_examples() -> None:
    prove(Houses, examples=500, steps=100)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("defence", DEFENCES | RULES)
def test_the_model_is_surprised_when_a_defence_is_off(defence: str) -> None:
    with without(defence), pytest.raises(AssertionError):
        prove(Houses, examples=2000, steps=60, shrink=False)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("defence", IN_SQL)
def test_stores_differ_when_one_of_them_breaks_a_rule(defence: str, sqlite: SqlStore) -> None:
    with without(defence), pytest.raises(AssertionError):
        prove(lambda: Houses({"sqlite": sqlite}), examples=500, steps=60, shrink=False)
