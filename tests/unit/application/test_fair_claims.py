from datetime import datetime, timedelta
from itertools import cycle, islice

from runyard.application.jobs.assign_jobs import AssignJobsCommand, Assignment
from runyard.application.jobs.claiming import Claiming
from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.jobs.forget_leftovers import ForgetLeftovers, ForgetLeftoversCommand
from runyard.application.runners.edit_runner import EditRunnerCommand
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.submission import Submission
from tests.builders import a_spec
from tests.unit.application.yard import HELLO, MemoryYard, ended


def submit_many(yard: MemoryYard, many: int, owner: str) -> list[str]:
    specs = [Submission(spec=a_spec(owner=owner))] * many
    return [each.accepted.job.id for each in yard.create_jobs.execute(CreateJobsCommand(submissions=specs))]


def forget_leftovers(yard: MemoryYard) -> None:
    ForgetLeftovers(yard.store.begin).execute(ForgetLeftoversCommand())


def claim(yard: MemoryYard, claiming: Claiming, most: int) -> list[Assignment]:
    command = AssignJobsCommand(runner_id=yard.runner.id, epoch=yard.epoch, hello=HELLO, most=most, claiming=claiming)
    return yard.assign_jobs.execute(command)


def test_ten_thousand_of_one_owner_do_not_make_ten_of_another_wait(yard: MemoryYard) -> None:
    yard.edit_runner.execute(EditRunnerCommand(runner="here", slots=1000))
    claiming = Claiming()
    submit_many(yard, 10_000, "ada")
    for _ in range(3):
        assert len(claim(yard, claiming, 100)) == 100
    of_bob = set(submit_many(yard, 10, "bob"))

    started = {item.job.id for _ in range(2) for item in claim(yard, claiming, 100)}
    assert of_bob <= started


def test_one_at_a_time_owners_take_turns(yard: MemoryYard) -> None:
    yard.edit_runner.execute(EditRunnerCommand(runner="here", slots=1000))
    claiming = Claiming()
    submit_many(yard, 100, "ada")
    for _ in range(20):
        claim(yard, claiming, 1)
    submit_many(yard, 10, "bob")

    owners = [item.spec.owner for _ in range(21) for item in claim(yard, claiming, 1)]
    assert owners.count("bob") == 10


def test_of_owners_who_went_for_good_nothing_is_remembered_for_ever(yard: MemoryYard) -> None:
    claiming = Claiming()
    for number in range(50):
        submit_many(yard, 1, f"owner {number}")
        (item,) = claim(yard, claiming, 1)
        yard.report(ended(item.job), fence=item.job.fence)
        forget_leftovers(yard)

    remembered = (claiming.lanes, claiming.served.lanes, claiming.served.owners, claiming.served.projects)
    assert max(map(len, remembered)) <= 3


def test_a_low_priority_waits_for_high_ones_that_come_within_its_points_in_minutes_and_for_no_later_one(
    yard: MemoryYard,
) -> None:
    low = yard.submit(priority=-10)
    claimed = []
    while low.id not in claimed:
        for _ in range(2):  # twice as many as can run
            yard.submit(priority=10)
        (item,) = yard.assign(most=1)
        claimed.append(item.job.id)
        yard.report(ended(item.job), fence=item.job.fence)
        yard.clock.advance(60)

    assert 38 <= len(claimed) - 1 <= 42


def test_a_job_waits_for_the_runner_and_the_labels_it_asks_for(yard: MemoryYard) -> None:
    there = yard.submit(placement=Placement(runner="there"))
    labelled = yard.submit(placement=Placement(labels={"zone": "a"}))
    here = yard.submit(placement=Placement(runner="here"))
    assert [item.job.id for item in yard.assign()] == [here.id]

    yard.edit_runner.execute(EditRunnerCommand(runner="here", labels={"zone": "a"}))
    assert [item.job.id for item in yard.assign()] == [labelled.id]
    assert yard.get(there.id).state == "queued"


def test_a_job_that_no_runner_could_take_is_accepted_with_a_warning(yard: MemoryYard) -> None:
    specs = [a_spec(), a_spec(placement=Placement(runner="there"))]
    command = CreateJobsCommand(submissions=[Submission(spec=spec) for spec in specs])
    fine, hopeless = yard.create_jobs.execute(command)

    assert fine.warnings == ()
    assert hopeless.accepted.job.state == "queued"
    assert "'there'" in hopeless.warnings[0]


def slow(claiming: Claiming, yard: MemoryYard, *taken: Job) -> None:
    """The last walk found these, and took half a second."""
    now = yard.clock.now()
    begun = now - timedelta(milliseconds=500)
    claiming.walked(claiming.lanes, taken, wanted=max(len(taken), 1), begun=begun, now=now)


def test_after_a_slow_walk_the_next_begin_where_it_found_something(yard: MemoryYard) -> None:
    claiming = Claiming()
    yard.submit()
    (first,) = claim(yard, claiming, 1)
    slow(claiming, yard, first.job)
    yard.report(ended(first.job), fence=1)

    urgent, ordinary = yard.submit(priority=10), yard.submit()
    assert [item.job.id for item in claim(yard, claiming, 1)] == [ordinary.id]
    yard.clock.advance(1)
    assert [item.job.id for item in claim(yard, claiming, 1)] == [urgent.id]


def test_quick_walks_all_begin_at_the_beginning(yard: MemoryYard) -> None:
    claiming, now = Claiming(), yard.clock.now()
    lane = a_spec().lane
    for milliseconds, floored in ((2, False), (3, True)):
        claiming.walked([lane], [], wanted=1, begun=now, now=now + timedelta(milliseconds=milliseconds))
        (share,) = claiming.shares([lane], 1, now)
        assert (share.floor is not None) is floored


def test_a_lane_is_walked_from_its_beginning_once_a_second_however_busy_it_is(yard: MemoryYard) -> None:
    claiming, now = Claiming(), yard.clock.now()
    lane, late = a_spec().lane, timedelta(milliseconds=100)
    floors = []
    for _ in range(40):
        (share,) = claiming.shares([lane], 1, now)
        floors.append(share.floor)
        claiming.walked([lane], [], wanted=1, begun=now, now=now + late)
        now += late

    assert floors.count(None) == 4


def test_many_slow_lanes_are_walked_from_their_beginnings_half_of_the_time(yard: MemoryYard) -> None:
    lanes = [a_spec(queue=f"q{number}").lane for number in range(100)]
    begun = now = yard.clock.now()
    claiming = Claiming(lanes=lanes)
    whole = timedelta()
    since: dict[str, datetime] = {}
    gaps = []
    for lane in islice(cycle(lanes), 20_000):
        (share,) = claiming.shares([lane], 1, now)
        took = timedelta(milliseconds=60 if share.floor is None else 3)
        claiming.walked([lane], [], wanted=1, begun=now, now=now + took)
        now += took
        if share.floor is None:
            whole += took
            gaps.append(now - since.get(lane.key, now))
            since[lane.key] = now

    assert whole / (now - begun) < 0.52
    assert max(gaps) < timedelta(seconds=13)


def test_no_lane_is_left_for_longer_than_half_a_minute(yard: MemoryYard) -> None:
    lanes = [a_spec(queue=f"q{number}").lane for number in range(100)]
    claiming, now = Claiming(lanes=lanes), yard.clock.now()
    claiming.walked(lanes[:1], [], wanted=1, begun=now - timedelta(seconds=10), now=now)

    for seconds, floored in ((29.9, True), (30, False)):
        (share,) = claiming.shares(lanes[:1], 1, now + timedelta(seconds=seconds))
        assert (share.floor is not None) is floored


def test_a_lane_that_is_new_is_seen_within_a_second_however_many_slow_walks_there_are(yard: MemoryYard) -> None:
    claiming = Claiming()
    claim(yard, claiming, 1)
    slow(claiming, yard)
    yard.submit(queue="new")
    found = []
    for _ in range(6):
        found.append(len(claim(yard, claiming, 1)))
        slow(claiming, yard)
        yard.clock.advance(0.3)

    assert found == [0, 0, 0, 0, 1, 0]


def test_a_lane_that_is_new_is_seen_within_a_second_of_a_slow_walk(yard: MemoryYard) -> None:
    claiming = Claiming()
    claim(yard, claiming, 1)
    slow(claiming, yard)
    job = yard.submit(queue="new")
    assert claim(yard, claiming, 1) == []

    yard.clock.advance(1)
    assert [item.job.id for item in claim(yard, claiming, 1)] == [job.id]
