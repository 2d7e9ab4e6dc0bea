"""What may be brought while it runs."""

import pytest

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.store import MemoryStore
from runyard.application.moving.import_store import ImportStore, ImportStoreCommand, LiveElsewhere
from runyard.application.ports.archive import Item
from runyard.application.ports.holdings import WholeJob
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.runner import Runner, RunnerKind
from tests.builders import BOOT, NOON, a_job, a_runner, a_spec, a_target, an_attempt
from tests.contracts.worlds import ListedArchive


def brought(runner: Runner) -> int:
    """Import a running job of this runner, where nobody adopts anything of this machine."""
    attempt = an_attempt(runner_id=runner.id, armed_at=NOON, boot_id=BOOT, started_at=NOON, containment="cgroup2")
    job = a_job(state=JobState.RUNNING, attempt=attempt)
    items: list[Item] = [runner, WholeJob(job, a_spec())]
    store = MemoryStore(ManualClock().now)
    ImportStore(store.begin, ListedArchive(items)).execute(ImportStoreCommand(adoptable=frozenset()))
    with store.read() as reading:
        return len(reading.jobs.live_on(runner.id))


def test_what_runs_on_a_machine_that_nobody_would_find_is_refused() -> None:
    with pytest.raises(LiveElsewhere):
        brought(a_runner(name="local"))


def test_what_runs_on_a_host_reached_by_ssh_is_found_from_anywhere() -> None:
    assert brought(a_runner(kind=RunnerKind.SSH, ssh=a_target())) == 1
