"""Hypothesis chooses the faults, and shrinks what breaks to the shortest story."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from runyard.domain.jobs.limits import OnLost

from .judge import PromiseBroken
from .messages import Facts, Start, Void
from .rules import Rules
from .world import World

drivers = st.sampled_from(["driver-1", "driver-2"])
places = st.sampled_from([0, 1])
EXAMPLE = settings(deadline=None, stateful_step_count=40, suppress_health_check=list(HealthCheck), database=None)


class Months(RuleBasedStateMachine):
    """Any order of work and faults; at the end everything heals, and every job must end."""

    rules_in_force = Rules()

    @initialize(kinds=st.sampled_from([("local", "local"), ("ssh", "ssh"), ("local", "ssh")]))
    def begin(self, kinds):
        self.world = World(*kinds, rules=self.rules_in_force)
        self.hosts = list(self.world.hosts)

    @rule(seconds=st.sampled_from([1, 2, 5, 20]))
    def time_passes(self, seconds):
        self.world.tick(seconds)

    @rule(seconds=st.sampled_from([60, 150]))
    def much_time_passes(self, seconds):
        self.world.tick(seconds)

    @precondition(lambda self: not self.world.database.away)
    @rule(duration=st.sampled_from([2, 30, 200]), on_lost=st.sampled_from(OnLost), code=st.sampled_from([0, 1]))
    def somebody_submits(self, duration, on_lost, code):
        self.world.submit(duration, code, on_lost=on_lost)

    @precondition(lambda self: self.world.work and not self.world.database.away)
    @rule(data=st.data())
    def somebody_cancels(self, data):
        self.world.cancel(data.draw(st.sampled_from(sorted(self.world.work))))

    @rule(driver=drivers)
    def a_driver_stops_or_goes_on(self, driver):
        stopped = self.world.drivers[driver].stopped
        (self.world.go_on if stopped else self.world.stop)(driver)

    @rule(driver=drivers)
    def a_driver_is_restarted(self, driver):
        self.world.kill(driver)
        self.world.restart(driver)

    @rule(driver=drivers, place=places)
    def a_connection_is_cut(self, driver, place):
        if self.hosts[place].startswith("ssh"):
            self.world.cut(self.hosts[place], driver)

    @rule()
    def connections_are_mended(self):
        self.world.network.cuts.clear()

    @rule(kind=st.sampled_from([Start, Void, Facts]))
    def messages_are_held_back(self, kind):
        self.world.network.holding = kind

    @rule()
    def messages_are_let_go(self):
        self.world.network.let_go()

    @rule(kind=st.sampled_from([None, Start, Facts]))
    def messages_are_doubled(self, kind):
        self.world.network.doubling = kind

    @rule()
    def the_database_goes_or_comes(self):
        self.world.database.away = not self.world.database.away

    @rule(driver=drivers)
    def a_commit_is_not_answered(self, driver):
        self.world.database.unanswered.add(driver)

    @rule(place=places)
    def a_host_restarts(self, place):
        self.world.hosts[self.hosts[place]].reboot()

    @rule(place=places)
    def a_supervisor_dies(self, place):
        self.world.hosts[self.hosts[place]].supervised = False

    @rule(place=places)
    def a_host_freezes_or_thaws(self, place):
        host = self.world.hosts[self.hosts[place]]
        host.frozen = not host.frozen

    def teardown(self):
        if hasattr(self, "world"):
            self.world.end()


def without(name: str) -> type[Months]:
    class Without(Months):
        rules_in_force = Rules().without(name)

    return Without


def test_hypothesis_finds_no_way_to_break_a_promise():
    run_state_machine_as_test(Months, settings=settings(EXAMPLE, max_examples=25))


@pytest.mark.timeout(300)
def test_hypothesis_finds_no_way_in_many_examples():
    run_state_machine_as_test(Months, settings=settings(EXAMPLE, max_examples=300))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["excl", "fence_at_send"])
def test_hypothesis_finds_what_a_missing_rule_breaks(name):
    # It stops at the first find; which examples come depends on what else the process has loaded.
    enough = settings(EXAMPLE, max_examples=4000, derandomize=True, phases=[Phase.generate])
    with pytest.raises(PromiseBroken):
        run_state_machine_as_test(without(name), settings=enough)
