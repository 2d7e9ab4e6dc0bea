import pytest

from runyard.domain.jobs.errors import InvalidJob
from runyard.domain.jobs.fairness import Served, fair_order, walked_lanes
from runyard.domain.jobs.lanes import Lane, Placement, hopeless
from tests.builders import a_lane, a_runner, a_spec

ADA, BOB = Lane(owner="ada", queue="q"), Lane(owner="bob", queue="q")
HERE = Placement(runner="here")
IN_A = Placement(labels={"zone": "a"})


def test_a_lane_is_known_by_whose_it_is_where_it_waits_and_what_it_wants() -> None:
    lanes = [
        a_lane(),
        a_lane("gpu"),
        a_lane(owner="ada"),
        a_lane(placement=HERE),
        a_lane(placement=IN_A),
        a_lane(placement=Placement(labels={"zone": "a", "disk": "ssd"})),
    ]

    assert len({lane.key for lane in lanes}) == len(lanes)
    assert a_lane(placement=Placement(labels={"disk": "ssd", "zone": "a"})).key == lanes[-1].key


def test_a_job_goes_where_its_queue_its_runner_and_its_labels_allow() -> None:
    runner = a_runner(name="here", queues=("q",), labels={"zone": "a", "disk": "ssd"})

    for fitting in (Placement(), HERE, IN_A, Placement(runner="here", labels={"zone": "a", "disk": "ssd"})):
        assert Lane(owner="ada", queue="q", placement=fitting).fits(runner)
    for wrong in (Placement(runner="there"), Placement(labels={"zone": "b"}), Placement(labels={"gpu": ""})):
        assert not Lane(owner="ada", queue="q", placement=wrong).fits(runner)
    assert not Lane(owner="ada", queue="other").fits(runner)


def test_a_lane_that_no_runner_could_serve_is_told_why() -> None:
    here = a_runner(name="here", queues=("q",))

    assert hopeless(ADA, [a_runner(queues=("other",)), here]) is None
    told = hopeless(
        Lane(owner="ada", queue="gpu", placement=Placement(runner="x", labels={"b": "2", "a": "1"})), [here]
    )
    assert told == (
        "no runner known now is called 'x' and takes from queue 'gpu' and has the labels a=1, b=2; "
        "the job waits until there is one"
    )


def test_wrong_placements_and_owners_are_named() -> None:
    with pytest.raises(InvalidJob) as refused:
        a_spec(owner=" ", placement=Placement(runner="a\0", labels={"": "x", "k": "y" * 300}))

    pointers = {problem.pointer for problem in refused.value.problems}
    assert pointers == {"/owner", "/placement/runner", "/placement/labels/", "/placement/labels/k"}


def test_who_was_given_least_goes_first() -> None:
    served = Served(owners={("default", "ada"): 3, ("default", "bob"): 1})

    assert fair_order(served, [ADA, BOB]) == [BOB, ADA]
    assert fair_order(served.after([BOB], {BOB.key: 5}), [ADA, BOB]) == [ADA, BOB]


def test_lanes_of_one_owner_take_turns() -> None:
    other = Lane(owner="ada", queue="other")
    first = fair_order(Served(), [ADA, other])[0]
    served = Served().after([first], {first.key: 1})

    assert fair_order(served, [ADA, other])[0] != first


def test_somebody_new_stands_before_the_one_that_was_given_least() -> None:
    served = Served(owners={("default", "ada"): 1000})

    assert fair_order(served, [ADA, BOB]) == [BOB, ADA]
    assert served.after([ADA, BOB], {ADA.key: 100, BOB.key: 10}).owners == {
        ("default", "ada"): 1100,
        ("default", "bob"): 1010,
    }


def test_the_idle_save_nothing_up() -> None:
    served = Served(owners={("default", "ada"): 0, ("default", "bob"): 0})
    for _ in range(100):
        served = served.after(walked_lanes(fair_order(served, [ADA, BOB]), {ADA.key}, filled=True), {ADA.key: 10})

    assert served.owners["default", "bob"] >= 990


def test_projects_take_turns_before_their_owners_do() -> None:
    alone = Lane(project="small", owner="ada", queue="q")
    order, served = [ADA, BOB, alone], Served()
    given = {lane.key: 0 for lane in order}
    for _ in range(40):
        first = fair_order(served, order)[0]
        given[first.key] += 1
        served = served.after([first], {first.key: 1})

    assert abs(given[alone.key] - 20) <= 1
    assert abs(given[ADA.key] - given[BOB.key]) <= 1


def test_lanes_of_two_projects_have_nothing_in_common() -> None:
    tricky = Lane(project="default", owner="\x01small\x01ada", queue="q")
    lanes = [ADA, tricky, Lane(project="small", owner="ada", queue="q")]

    assert len({lane.key for lane in lanes}) == len(lanes)


def test_a_runner_is_used_by_its_project_those_it_is_shared_with_and_the_owners_it_takes() -> None:
    mine, theirs = a_lane(owner="ada"), a_lane(project="other", owner="ada")

    assert [lane.fits(a_runner()) for lane in (mine, theirs)] == [True, False]
    assert [lane.fits(a_runner(shared_with=("other",))) for lane in (mine, theirs)] == [True, True]
    assert [lane.fits(a_runner(project="third", shared_with=("*",))) for lane in (mine, theirs)] == [True, True]
    assert [lane.fits(a_runner(owners=("bob",))) for lane in (mine, theirs)] == [False, False]
    assert [lane.fits(a_runner(owners=("ada", "bob"))) for lane in (mine, theirs)] == [True, False]
    assert "takes jobs of 'ada' in project 'other'" in str(hopeless(theirs, [a_runner()]))


def test_those_behind_the_last_that_gave_were_not_looked_into() -> None:
    order = [a_lane("a"), a_lane("b"), a_lane("c")]

    assert walked_lanes(order, {order[1].key}, filled=True) == order[:2]
    assert walked_lanes(order, {order[1].key}, filled=False) == order
    assert walked_lanes(order, set(), filled=False) == order


def test_claims_that_find_nothing_change_nothing() -> None:
    served = Served(owners={("default", "ada"): 5})

    assert served.after([ADA, BOB], {}).owners == {("default", "ada"): 5}


def test_once_a_runner_fits_no_other_is_looked_at() -> None:
    runners = iter([a_runner(queues=("other",)), a_runner(), a_runner(name="unseen")])

    assert hopeless(ADA, runners) is None
    assert [each.name for each in runners] == ["unseen"]


def test_whether_the_runner_that_a_job_names_is_there_is_known_from_the_first_one() -> None:
    lane = Lane(owner="ada", queue="q", placement=Placement(runner="there"))
    others = iter([a_runner(name=f"r{number}") for number in range(9)])

    told = hopeless(lane, others)

    assert told == "no runner known now is called 'there' and takes from queue 'q'; the job waits until there is one"
    assert len(list(others)) == 8
