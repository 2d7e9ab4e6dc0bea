"""After each test: what it left in its stores keeps the rules. `runyard check-invariants` asks the same."""

import time
from contextlib import AbstractContextManager
from typing import Any, Protocol

from runyard.adapters.sql.store import open_store
from runyard.application.observability.check_invariants import (
    LOOK_AGAIN_SECONDS,
    CheckInvariants,
    CheckInvariantsCommand,
)
from runyard.domain.observability.invariants import Keeper

EVERY_RULE = frozenset(Keeper)
OF_THE_STORE = frozenset({Keeper.STORE})
"""For tests that put into a store what no move has made."""

_SHOWN = 20


class Read(Protocol):
    def __call__(self) -> AbstractContextManager[Any]: ...


def assert_all_is_well(read: Read, keepers: frozenset[Keeper] = EVERY_RULE, *, live: bool = False) -> None:
    """Fails, showing the rows, if anything breaks a rule; `live`: somebody should be claiming."""
    told = hits(read, keepers, live=live)
    assert not told, "\n".join(["what this test left behind breaks the rules:", *told])


def hits(read: Read, keepers: frozenset[Keeper] = EVERY_RULE, *, live: bool = False) -> list[str]:
    """What breaks a rule, with its rows."""
    check = CheckInvariants(read)
    found = check.execute(CheckInvariantsCommand(keepers=keepers, most_hits=_SHOWN))
    if live and found.waiting.jobs:
        time.sleep(LOOK_AGAIN_SECONDS)
        found = check.execute(CheckInvariantsCommand(keepers=keepers, waited=found.waiting, most_hits=_SHOWN))
    return [f"{hit.invariant}: {hit.told}" + "".join(f"\n    {row}" for row in hit.rows) for hit in found.hits]


def assert_database_is_well(url: str, keepers: frozenset[Keeper] = EVERY_RULE, *, live: bool = False) -> None:
    """The same for the database at this URL."""
    store = open_store(url, connections=2)
    try:
        assert_all_is_well(store.read, keepers, live=live)
    finally:
        store.close()
