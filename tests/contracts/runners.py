"""What any store of runners must do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runyard.application.ports.runners import RunnerNameTaken
from runyard.domain.jobs.attempt import Attempt, Ending, Outcome
from runyard.domain.jobs.states import JobState
from runyard.domain.runners.availability import Availability, AvailabilityState
from runyard.domain.runners.check import Finding, HostCheck, Verdict
from runyard.domain.runners.errors import RunnerDrivenElsewhere, RunnerNotFound
from runyard.domain.runners.ids import DriverId, RunnerId
from runyard.domain.runners.runner import DriverLease, Runner, RunnerKind
from runyard.domain.runners.ssh import SshLogin
from runyard.domain.runners.trouble import Trouble

from ..builders import NOON, a_job, a_new_job, a_runner, a_runner_id, a_target, an_attempt, host_key
from .lives import HOSTILE
from .stores import Store, at_once, store_all


def add(store: Store, runner: Runner) -> Runner:
    with store.begin() as work:
        work.runners.add(runner)
        work.commit()
    return runner


def locked(store: Store, runner_id: RunnerId) -> Runner:
    with store.begin() as work:
        return work.runners.lock(runner_id)


class RunnersContract:
    """The promises of the ports `Runners` and `RunnerReading`."""

    @pytest.mark.parametrize("text", HOSTILE)
    def test_every_field_comes_back(self, store: Store, text: str):
        lease = DriverLease(
            driver_id=DriverId(text), epoch=2**40, until=NOON + timedelta(microseconds=1), since=NOON, heard_at=NOON
        )
        closed = Availability(state=AvailabilityState.DRAINING, until=NOON, note="why", since=NOON - timedelta(days=1))
        values = {"queues": ("a", "*"), "labels": {"k": text, "z": "1"}, "availability": closed, "revision": 7}
        runner = add(store, a_runner(name=text, slots=0, driver=lease, **values))

        assert locked(store, runner.id) == runner
        with store.read() as reading:
            assert reading.runners.get(runner.id).runner == runner

    @pytest.mark.parametrize("text", HOSTILE)
    def test_what_is_known_of_a_host_comes_back(self, store: Store, text: str):
        target = a_target(
            port=2222, work_root="/srv/x", login=SshLogin(key_file="/k"), host_keys=(host_key("a"), host_key("b"))
        )
        check = HostCheck(NOON, (Finding("shell", Verdict.WARNING, text), Finding("login", Verdict.OK, "")), 4)
        runner = a_runner(
            kind=RunnerKind.SSH, ssh=target, trouble=Trouble(text, NOON), checked=check, refuses=Trouble(text, NOON)
        )

        assert locked(store, add(store, runner).id) == runner

    def test_a_note_that_no_database_takes_is_no_reason_to_fail(self, store: Store):
        runner = add(store, a_runner(availability=Availability(state=AvailabilityState.CORDONED, note="a\udc80\0")))

        assert locked(store, runner.id).availability.state is AvailabilityState.CORDONED

    def test_a_saved_runner_comes_back_changed(self, store: Store):
        runner = add(store, a_runner())
        later = replace(runner.taken_over(DriverId("d"), now=NOON), slots=9, name="other", labels={"a": "b"})
        with store.begin() as work:
            work.runners.save(later)
            work.commit()

        assert locked(store, runner.id) == later

    def test_the_last_of_several_saves_counts_whatever_came_between(self, store: Store):
        before = add(store, a_runner(labels={"a": "b"}, slots=2))
        with store.begin() as work:
            assert work.runners.lock(before.id) == before
            work.runners.save(replace(before, slots=9, labels={}))
            work.runners.save(replace(before, slots=2, labels={"a": "c"}))
            work.runners.save(replace(before, slots=2, labels={"a": "c"}))
            work.commit()

        assert locked(store, before.id) == replace(before, labels={"a": "c"})

    def test_what_was_refused_is_not_taken_for_stored(self, store: Store):
        add(store, a_runner(name="one"))
        second = add(store, a_runner(name="two", slots=2))
        with store.begin() as work:
            locked_second = work.runners.lock(second.id)
            with pytest.raises(RunnerNameTaken):
                work.runners.save(replace(locked_second, name="one", slots=9))
            work.runners.save(replace(locked_second, slots=9))
            work.commit()

        assert locked(store, second.id) == replace(second, slots=9)

    def test_a_runner_is_found_by_its_name(self, store: Store):
        runner = add(store, a_runner(name="here"))
        with store.begin() as work:
            assert work.runners.named("here") == runner
            assert work.runners.named("Here") is None

    def test_an_unknown_runner_is_not_found(self, store: Store):
        with store.begin() as work, pytest.raises(RunnerNotFound):
            work.runners.lock(a_runner_id())
        with store.begin() as work, pytest.raises(RunnerNotFound):
            work.runners.save(a_runner())

    def test_names_are_taken_once_and_a_refusal_spoils_nothing(self, store: Store):
        first, second = add(store, a_runner(name="one")), add(store, a_runner(name="two"))
        third = a_runner(name="three")
        with store.begin() as work:
            with pytest.raises(RunnerNameTaken):
                work.runners.add(a_runner(name="one"))
            with pytest.raises(RunnerNameTaken):
                work.runners.save(replace(second, name="one"))
            work.runners.add(third)
            work.commit()

        with store.read() as reading:
            assert reading.runners.names() == {first.id: "one", second.id: "two", third.id: "three"}

    def test_an_uncommitted_runner_never_existed(self, store: Store):
        with store.begin() as work:
            work.runners.add(a_runner())

        with store.read() as reading:
            assert reading.runners.names() == {}

    def test_one_of_twenty_drivers_takes_a_runner_over(self, store: Store):
        runner = add(store, a_runner())

        def take_over(number: int) -> bool:
            with store.begin() as work:
                try:
                    mine = work.runners.lock(runner.id).taken_over(DriverId(f"d{number}"), now=work.now())
                except RunnerDrivenElsewhere:
                    return False
                work.runners.save(mine)
                work.commit()
            return True

        assert at_once(20, take_over).count(True) == 1

    def test_runners_are_read_by_name_with_what_lives_there(self, store: Store):
        zoo, abc = add(store, a_runner(name="zoo")), add(store, a_runner(name="abc"))
        live = [JobState.CLAIMED, JobState.RUNNING, JobState.FINISHING]
        store_all(store, [a_new_job(state=state, attempt=an_attempt_of(state, zoo)) for state in live])
        over = an_attempt(runner_id=zoo.id, outcome=Outcome(ending=Ending.EXIT, exit_code=0))
        store_all(store, [a_new_job(state=JobState.SUCCEEDED, attempt=over)])

        with store.read() as reading:
            assert [(each.runner, each.busy) for each in reading.runners.all()] == [(abc, 0), (zoo, 3)]
            assert [reading.runners.get(which).busy for which in ("abc", "zoo", zoo.id)] == [0, 3, 3]
            with pytest.raises(RunnerNotFound):
                reading.runners.get("nobody")

    def test_runners_are_found_by_their_kind_and_by_how_they_were_closed(self, store: Store):
        drained = Availability(state=AvailabilityState.DRAINING, since=NOON)
        add(store, a_runner(name="open"))
        add(store, a_runner(name="drained", availability=drained))
        add(store, a_runner(name="far", kind=RunnerKind.SSH, ssh=a_target()))
        add(store, a_runner(name="away", kind=RunnerKind.SSH, ssh=a_target(), availability=drained))

        with store.read() as reading:
            found = [
                [each.runner.name for each in records]
                for records in (
                    reading.runners.all(kind=RunnerKind.SSH),
                    reading.runners.all(state=AvailabilityState.DRAINING),
                    reading.runners.all(kind=RunnerKind.LOCAL, state=AvailabilityState.DRAINING),
                    reading.runners.all(kind=RunnerKind.AGENT),
                )
            ]
        assert found == [["away", "far"], ["away", "drained"], ["drained"], []]

    def test_each_runner_of_a_project_is_seen_once_and_first_the_one_that_is_named(self, store: Store):
        with store.begin() as work:
            mine = [a_runner(name=f"r{number}") for number in range(40)]
            mine += [a_runner(name="shared", project="other", shared_with=("default",))]
            mine += [a_runner(name="everybody's", project="other", shared_with=("*",))]
            for each in [*mine, a_runner(name="theirs", project="other", shared_with=("third",))]:
                work.runners.add(each)
            work.commit()

        with store.read() as reading:
            for named in (None, "r33", "theirs", "nobody"):
                found = [each.name for each in reading.runners.each("default", named)]
                assert sorted(found) == sorted(each.name for each in mine)
                assert named != "r33" or found[0] == "r33"
            assert list(reading.runners.each("fourth")) == [runner for runner in mine if runner.name == "everybody's"]

    def test_an_id_is_meant_before_a_name(self, store: Store):
        first = add(store, a_runner())
        add(store, a_runner(name=first.id))

        with store.read() as reading:
            assert reading.runners.get(first.id).runner == first

    def test_a_removed_runner_is_gone_and_its_name_is_free(self, store: Store):
        runner = add(store, a_runner(name="here"))
        with store.begin() as work:
            work.runners.remove(runner.id)
            work.runners.add(a_runner(name="here"))
            with pytest.raises(RunnerNotFound):
                work.runners.remove(runner.id)
            work.commit()

        with store.begin() as work, pytest.raises(RunnerNotFound):
            work.runners.lock(runner.id)

    def test_readers_are_told_the_time_of_the_store(self, store: Store):
        with store.begin() as work:
            before = work.now()
        with store.read() as reading:
            seen = reading.now()
        with store.begin() as work:
            assert before <= seen <= work.now()


def an_attempt_of(state: JobState, runner: Runner) -> Attempt:
    """The attempt that a live job in this state has there."""
    attempt = a_job(state=state).current
    return replace(attempt, runner_id=runner.id)
