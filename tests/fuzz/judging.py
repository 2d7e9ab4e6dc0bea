"""How many requests there are to be, and what has to be true of their answers."""

import os
from pathlib import Path
from typing import Final

from tests.unit.entrypoints.http.tenants import ROLES
from tests.unit.entrypoints.http.test_matrix import FOR_AGENTS, OPEN, RULES

from .campaign import Campaign, Target
from .findings import EVERYBODY, RUNNER, STRANGER, Findings

REQUESTS: Final = int(os.environ.get("RUNYARD_REQUESTS") or 10_000)
SECONDS: Final = 600 + REQUESTS // 20
"""After which a test hangs, on the slowest of machines. How long it may take in CI is the budget of its suite."""
SEED: Final = int(os.environ.get("RUNYARD_SEED") or 1)
ROUTES: Final = {*RULES, *OPEN, *FOR_AGENTS}
LEFT_OUT: Final = 5
"""So many operations are left out at most: what speaks to hosts, what spends one's own token."""
OF_AGENTS: Final = {" ".join(route) for route in FOR_AGENTS}
REPORTS: Final = Path(__file__).parents[2] / ".reports"


def attacked(name: str, target: Target, share: float) -> Findings:
    """This share of all requests; what came of them, up to where it was interrupted, is kept in `.reports` too."""
    wanted, campaign = round(REQUESTS * share), Campaign(target, seed=SEED)
    found = campaign.findings
    try:
        campaign.run(wanted)
    finally:
        REPORTS.mkdir(exist_ok=True)
        told = f"{name}, seed {SEED}: {found.summary()}\n"
        (REPORTS / f"fuzz-{name}.txt").write_text(f"{told}\n{found.told(1000)}\n")
        print(told)
    assert found.requests >= wanted
    return found


def assert_nothing_is_wrong(found: Findings) -> None:
    """No failure; everybody tried everything, and the doors opened to those whose they are and to nobody else."""
    assert not found.failures, found.told()
    for role in EVERYBODY:
        statuses, tried = found.statuses(role), found.tried(role)
        assert len(tried) >= len(ROUTES) - LEFT_OUT, (role, sorted(tried))
        mostly_shut = statuses[401] > statuses.total() / 2
        assert mostly_shut == (role == STRANGER) or role == RUNNER, (role, statuses)
    for role in ROLES:
        statuses = found.statuses(role)
        assert statuses[200] + statuses[201] > statuses.total() / 20, (role, statuses)
    assert found.tried(RUNNER, 200, 201) & OF_AGENTS
