"""Who of those that wait for work is told of what waits to be done."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.jobs.lanes import Lane, Placement
from runyard.domain.jobs.matching import Crowd, matched
from tests.builders import a_runner

_FEW = st.integers(0, 3)
_CROWDS = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from(["ada", "bob"]), _FEW), max_size=6, unique_by=lambda one: one[:2]
)
_ROOM = st.fixed_dictionaries({"ada": _FEW, "bob": _FEW, "project": _FEW})
_TAKEN = st.lists(st.sets(st.sampled_from("xyz"), min_size=1), max_size=6)


def test_as_many_are_told_as_there_is_work_for_and_those_that_waited_longest_first() -> None:
    lane, far = Lane(owner="a", queue="q"), Lane(owner="a", queue="q", placement=Placement(labels={"disk": "ssd"}))
    first, second, third = (a_runner(name=name) for name in ("1", "2", "3"))
    fast = a_runner(labels={"disk": "ssd"})
    waiting = {each.id: (each, free) for each, free in ((first, 2), (second, 0), (third, 1), (fast, 1))}

    assert matched([Crowd(lane, 1)], {}, waiting) == {first.id: lane}
    assert matched([Crowd(lane, 3)], {}, waiting) == {first.id: lane, third.id: lane}
    assert matched([Crowd(far, 5), Crowd(lane, 2)], {}, waiting) == {fast.id: far, first.id: lane}
    assert matched([Crowd(lane, 3)], {lane.key: 3}, waiting) == {}


def test_no_more_are_told_than_a_limit_has_room_for_and_nobody_is_kept_out_by_what_nobody_would_take() -> None:
    lanes = [Lane(owner=owner, queue="q") for owner in ("ada", "bob")]
    hopeless = Lane(owner="ada", queue="q", placement=Placement(labels={"disk": "ssd"}))
    first, second, third = (a_runner(name=name) for name in ("1", "2", "3"))
    waiting = {each.id: (each, 1) for each in (first, second, third)}
    ada, bob = (Crowd(lane, 5, {"project": 2, lane.owner: 1}) for lane in lanes)

    assert matched([ada, bob], {}, waiting) == {first.id: lanes[0], second.id: lanes[1]}
    assert matched([Crowd(lanes[0], 5, {"project": 2}), bob], {}, waiting) == {first.id: lanes[0], second.id: lanes[0]}
    assert matched([Crowd(hopeless, 5, {"project": 1}), bob], {}, waiting) == {first.id: lanes[1]}
    assert matched([ada, bob], {lanes[0].key: 1}, waiting) == {first.id: lanes[1]}
    assert matched([ada, bob], {lanes[0].key: 2}, waiting) == {}


@given(_CROWDS, _ROOM, _TAKEN)
def test_whoever_is_told_fits_there_is_room_for_all_and_nobody_is_left_out(asked, room, taken) -> None:
    crowds = [
        Crowd(Lane(owner=owner, queue=queue), jobs, {limit: room[limit] for limit in (owner, "project")})
        for queue, owner, jobs in asked
    ]
    runners = [a_runner(name=f"r{number}", queues=tuple(queues)) for number, queues in enumerate(taken)]

    told = matched(crowds, {}, {runner.id: (runner, 1) for runner in runners})

    coming, used = Counter(lane.key for lane in told.values()), Counter[str]()
    for crowd in crowds:
        used.update(dict.fromkeys(crowd.room, coming[crowd.lane.key]))
    assert all(told[runner.id].fits(runner) for runner in runners if runner.id in told)
    assert all(coming[crowd.lane.key] <= crowd.jobs for crowd in crowds)
    assert all(used[limit] <= most for limit, most in room.items())
    for crowd in crowds:
        if coming[crowd.lane.key] < crowd.jobs and all(used[limit] < room[limit] for limit in crowd.room):
            assert not [runner for runner in runners if runner.id not in told and crowd.lane.fits(runner)]
