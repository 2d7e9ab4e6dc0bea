"""What any store must tell of what waits to be claimed."""

from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.states import JobState

from ..builders import a_new_job, a_spec
from .stores import Store, store_all


class CrowdsContract:
    """The promise of the port `CrowdReading`."""

    def test_lanes_are_counted_by_what_can_be_claimed_and_no_further_than_asked(self, store: Store):
        plain, placed = a_spec(owner="ann"), a_spec(owner="ben", placement=Placement(labels={"disk": "ssd"}))
        store_all(store, [a_new_job(plain) for _ in range(5)] + [a_new_job(placed)])
        store_all(store, [a_new_job(a_spec(owner="eve"), state=JobState.RUNNING)])

        with store.read() as reading:
            found = {each.lane.key: each.jobs for each in reading.crowds.all(3)}

        assert found == {plain.lane.key: 3, placed.lane.key: 1}

    def test_nothing_waits_in_an_empty_store(self, store: Store):
        with store.read() as reading:
            assert reading.crowds.all(10) == []
