"""As many hours of bad weather as fit into two minutes; in a file of its own, so that others run beside it."""

import os

import pytest

from tests.proofs.simulator.simulate import simulate

pytestmark = [pytest.mark.machine, pytest.mark.proof]

SECONDS = float(os.environ.get("RUNYARD_SIMULATED_SECONDS", "120"))


@pytest.mark.timeout(600)
def test_nothing_accepted_is_lost_doubled_or_garbled_in_many_hours(capsys: pytest.CaptureFixture[str]) -> None:
    told = simulate(range(1000, 2000), until=SECONDS)
    with capsys.disabled():
        print(f"\n{told}")

    assert told.total["broken"] == 0
    assert told.hours > 1
