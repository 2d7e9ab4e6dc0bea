"""What any store of the events of runners must do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from runyard.domain.runners.agent import Contact, Watch
from runyard.domain.runners.events import RunnerEvent, RunnerEventKind
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import DriverLease, Runner

from ..builders import NOON, a_runner
from .stores import Store

DAY = timedelta(days=1)
LATER = NOON + DAY


def a_known_runner(store: Store, **values: Any) -> Runner:
    runner = a_runner(**values)
    with store.begin() as work:
        work.runners.add(runner)
        work.commit()
    return runner


def an_event(runner: Runner, **values: Any) -> RunnerEvent:
    usual: dict[str, Any] = {"runner_id": runner.id, "at": NOON, "kind": RunnerEventKind.ONLINE}
    return RunnerEvent(**{**usual, **values})


def keep(store: Store, *events: RunnerEvent) -> None:
    with store.begin() as work:
        work.runner_events.append(events)
        work.commit()


def found(store: Store, runner: Runner) -> list[RunnerEvent]:
    with store.read() as reading:
        return list(reading.runner_events.page(runner.id, after=None, limit=200).items)


class RunnerEventsContract:
    """The promises of the ports `RunnerEvents` and `RunnerEventReading`."""

    def test_events_come_back_whole_newest_first_with_ids_that_grow(self, store: Store):
        mine, other = a_known_runner(store), a_known_runner(store)
        full = an_event(
            mine,
            at=LATER,
            kind=RunnerEventKind.DRAINING,
            details={"left": 3, "note": "ünïcode", "until": None},
            by="ada",
        )
        keep(store, an_event(mine), an_event(other, kind=RunnerEventKind.LATE), full)

        newest, oldest = found(store, mine)
        assert (replace(newest, id=0), replace(oldest, id=0)) == (full, an_event(mine))
        assert newest.id > oldest.id > 0
        assert [each.kind for each in found(store, other)] == ["late"]

    def test_pages_lead_through_all_of_them_whatever_happens_meanwhile(self, store: Store):
        mine = a_known_runner(store)
        keep(store, *[an_event(mine, details={"left": number}) for number in range(5)])
        seen: list[Any] = []
        after = None
        while True:
            with store.read() as reading:
                page = reading.runner_events.page(mine.id, after=after, limit=2)
            seen += [each.details["left"] for each in page.items]
            keep(store, an_event(mine))
            after = page.next_after
            if after is None:
                break

        assert seen == [4, 3, 2, 1, 0]

    def test_those_of_all_runners_are_read_in_the_order_in_which_they_happened(self, store: Store):
        mine, other = a_known_runner(store), a_known_runner(store)
        keep(store, an_event(mine, at=LATER), an_event(other), an_event(mine))

        with store.read() as reading:
            first = reading.runner_events.oldest(after=0, limit=2)
            rest = reading.runner_events.oldest(after=first[-1].id, limit=2)
        assert [each.runner_id for each in (*first, *rest)] == [mine.id, other.id, mine.id]
        assert first[0].at == LATER

    def test_what_was_not_committed_never_was(self, store: Store):
        mine = a_known_runner(store)
        with store.begin() as work:
            work.runner_events.append([an_event(mine)])

        assert found(store, mine) == []

    def test_the_oldest_of_those_before_a_moment_are_forgotten(self, store: Store):
        mine = a_known_runner(store)
        keep(store, *[an_event(mine, at=NOON + timedelta(hours=number)) for number in (2, 1, 3)])
        with store.begin() as work:
            assert work.runner_events.forget(NOON + timedelta(hours=3), 1) == 1
            work.commit()
        assert [each.at.hour for each in found(store, mine)] == [15, 14]

        with store.begin() as work:
            assert work.runner_events.forget(NOON + timedelta(hours=3), 10) == 1
            work.commit()
        assert [each.at.hour for each in found(store, mine)] == [15]

    def test_a_removed_runner_takes_its_events_along(self, store: Store):
        gone, kept = a_known_runner(store), a_known_runner(store)
        keep(store, an_event(gone), an_event(kept))
        with store.begin() as work:
            work.runners.remove(gone.id)
            work.commit()

        assert (found(store, gone), len(found(store, kept))) == ([], 1)

    def test_those_are_silent_that_were_heard_of_and_are_not_any_more(self, store: Store):
        def driven(told: Contact, heard: int, until: int) -> Runner:
            at, end = NOON + timedelta(seconds=heard), NOON + timedelta(seconds=until)
            lease = DriverLease(driver_id=DriverId("d"), epoch=1, until=end, since=at, heard_at=at)
            return a_known_runner(store, watch=Watch(told), driver=lease)

        a_known_runner(store)
        well = driven(Contact.ONLINE, 1, 10)
        gone, quiet = driven(Contact.ONLINE, 1, 0), driven(Contact.LATE, 0, 10)
        driven(Contact.OFFLINE, 0, 0)

        with store.read() as reading:
            assert {each.id for each in reading.runners.silent(NOON, NOON)} == {gone.id, quiet.id}
            assert {each.id for each in reading.runners.silent(NOON - DAY, NOON - DAY)} == set()
            assert well.id in {each.id for each in reading.runners.silent(LATER, LATER)}

    def test_what_was_told_of_a_runner_last_is_kept_with_it(self, store: Store):
        runner = a_known_runner(store, watch=Watch(Contact.LATE, 3))

        with store.read() as reading:
            assert reading.runners.get(runner.id).runner.watch == Watch(Contact.LATE, 3)
