from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.store import MemoryStore
from runyard.application.accounts.create_project import CreateProjectCommand
from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.jobs.claiming import Claiming
from runyard.application.jobs.create_jobs import Created, CreateJobsCommand
from runyard.application.jobs.explain_job import ExplainJob, ExplainJobCommand
from runyard.application.jobs.find_crowds import FindCrowds, FindCrowdsCommand
from runyard.application.jobs.get_job import GetJobCommand
from runyard.application.jobs.rerun_job import RerunJobCommand
from runyard.application.jobs.rerun_jobs import RerunJobsCommand
from runyard.application.limits.get_project import GetProjectCommand
from runyard.application.ports.jobs import JobFilter
from runyard.application.runners.edit_runner import EditRunnerCommand
from runyard.domain.accounts.projects import ProjectNotFound
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.limits import RetryPolicy
from runyard.domain.jobs.matching import matched
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission, SubmissionKey
from runyard.domain.limits.errors import LimitReached, SubmittedTooOften, TooManyQueued
from runyard.domain.limits.limits import NO_LIMITS, Limits, UsualLimits
from runyard.domain.runners.ids import RunnerId
from tests.builders import a_runner, a_spec
from tests.unit.application.yard import HELLO, MemoryYard, Yard, ended


@pytest.fixture
def yard() -> MemoryYard:
    """One in which a second project may use the runner, which has slots for everybody."""
    yard = MemoryYard()
    yard.create_project.execute(CreateProjectCommand(name="lab"))
    yard.edit_runner.execute(EditRunnerCommand(runner="here", slots=1000, shared_with=("lab",)))
    return yard


def create(yard: Yard, *keys: str, **asked: str) -> list[Created]:
    submissions = [Submission(spec=a_spec(**asked), key=SubmissionKey(key, "f")) for key in keys]
    return yard.create_jobs.execute(CreateJobsCommand(submissions=submissions))


def refusals(answers: list[Created]) -> list[str | None]:
    return [each.refused.code if each.refused else None for each in answers]


def claim(yard: Yard, most: int = 100, claiming: Claiming | None = None) -> list[Job]:
    command = AssignJobsCommand(
        runner_id=yard.runner.id, epoch=yard.epoch, hello=HELLO, most=most, claiming=claiming or Claiming()
    )
    return [item.job for item in yard.assign_jobs.execute(command)]


def crowds(yard: Yard, usual: UsualLimits = NO_LIMITS) -> dict[tuple[str, str], int]:
    """How many jobs of whom may be claimed now, as far as those are told who wait for work."""
    found = FindCrowds(yard.store.read, usual).execute(FindCrowdsCommand(most=100))
    return {(each.lane.project, each.lane.owner): each.jobs for each in found}


def belonging(yard: Yard, job: Job) -> tuple[str, str]:
    spec = yard.get_job.execute(GetJobCommand(job_id=job.id)).spec
    return spec.project, spec.owner


def end(yard: Yard, *jobs: Job) -> None:
    for job in jobs:
        yard.report(ended(job), fence=job.fence)


def test_one_job_more_than_may_wait_is_refused_and_one_that_started_makes_room(yard: MemoryYard) -> None:
    yard.limit(queued=2)
    assert refusals(create(yard, "a", "b", "c")) == [None, None, "queued-limit-reached"]

    claim(yard, most=1)
    assert refusals(create(yard, "d", "e")) == [None, "queued-limit-reached"]


def test_what_waits_for_its_time_or_its_key_counts_as_waiting(yard: MemoryYard) -> None:
    yard.limit(queued=3)
    yard.submit(not_before=yard.clock.now().replace(year=2099))
    yard.submit(concurrency=Concurrency(key="k"))
    yard.submit(concurrency=Concurrency(key="k"))

    with pytest.raises(TooManyQueued, match="limit of queued jobs of project 'default': 3 of 3"):
        yard.submit()


def test_who_is_limited_hinders_nobody_else(yard: MemoryYard) -> None:
    yard.limit(owner="ada", queued=1)

    assert refusals(create(yard, "a", "b", owner="ada")) == [None, "queued-limit-reached"]
    assert refusals(create(yard, "c", "d", owner="bob")) == [None, None]
    assert refusals(create(yard, "a", "b", owner="ada", project="lab")) == [None, None]


def test_a_replayed_submission_is_answered_and_counted_no_second_time(yard: MemoryYard) -> None:
    yard.limit(queued=2, submissions_per_minute=2)
    create(yard, "a", "b")

    again = create(yard, "a", "b", "a")

    assert [each.replayed for each in again] == [True, True, True]
    assert yard.turnstile.counted == Counter()


def test_a_refused_submission_leaves_its_key_free(yard: MemoryYard) -> None:
    yard.limit(queued=1)
    create(yard, "a", "b")
    claim(yard)

    [answer] = create(yard, "b")
    assert (answer.refused, answer.replayed) == (None, False)


def test_a_job_refused_for_another_reason_takes_no_room(yard: MemoryYard) -> None:
    yard.limit(queued=1, submissions_per_minute=1)
    specs = [a_spec(env={"LD_PRELOAD": "x"}), a_spec()]

    answers = yard.create_jobs.execute(CreateJobsCommand(submissions=[Submission(spec=spec) for spec in specs]))

    assert refusals(answers) == ["denied-variable", None]


def test_reruns_count_one_by_one_and_in_bulk(yard: MemoryYard) -> None:
    done = [yard.cancel(yard.submit().id) for _ in range(3)]
    yard.limit(queued=1)

    assert yard.rerun_job.execute(RerunJobCommand(job_id=done[0].id)).refused is None
    assert isinstance(yard.rerun_job.execute(RerunJobCommand(job_id=done[1].id)).refused, TooManyQueued)
    which = JobFilter(states=frozenset({JobState.CANCELLED}))
    reruns = yard.rerun_jobs.execute(RerunJobsCommand(which=which, most=10)).items
    assert [each.refused.code if each.refused else None for each in reruns] == ["queued-limit-reached"] * 3


def test_so_many_may_come_in_a_minute_and_then_one_now_and_then(yard: MemoryYard) -> None:
    yard.limit(submissions_per_minute=6)
    assert refusals(create(yard, *"abcdefgh")).count("submissions-limit-reached") == 2

    [refused] = create(yard, "i")
    assert isinstance(refused.refused, SubmittedTooOften)
    assert refused.refused.again == pytest.approx(10)
    yard.clock.advance(10)
    assert refusals(create(yard, "j", "k")) == [None, "submissions-limit-reached"]


def test_who_is_refused_for_the_project_has_not_used_up_their_own(yard: MemoryYard) -> None:
    yard.limit(submissions_per_minute=1)
    yard.limit(owner="*", submissions_per_minute=3)
    create(yard, "a", owner="ada")
    assert refusals(create(yard, "b", "c", "d", "e", owner="bob")) == ["submissions-limit-reached"] * 4

    yard.limit(submissions_per_minute=0)
    assert refusals(create(yard, "f", "g", "h", "i", owner="bob")) == [None, None, None, "submissions-limit-reached"]


def test_refusals_are_counted_by_limit(yard: MemoryYard) -> None:
    yard.limit(queued=2, submissions_per_minute=3)
    create(yard, "a", "b", "c")
    claim(yard)
    create(yard, "d", "e")

    assert yard.turnstile.counted == {"queued-limit-reached": 1, "submissions-limit-reached": 1}


def test_what_may_not_run_yet_waits_in_its_queue_and_whoever_ends_lets_the_next_one_run(yard: MemoryYard) -> None:
    yard.limit(running=2)
    jobs = [yard.submit() for _ in range(4)]

    first = claim(yard)
    assert [job.id for job in first] == [job.id for job in jobs[:2]]
    assert claim(yard) == []
    assert [yard.get(job.id).state for job in jobs[2:]] == ["queued", "queued"]
    end(yard, first[0])
    assert [job.id for job in claim(yard)] == [jobs[2].id]


def test_a_job_between_two_tries_does_not_run(yard: MemoryYard) -> None:
    yard.limit(running=1)
    yard.submit(retry=RetryPolicy(max_attempts=2))
    [job] = claim(yard)
    yard.report(ended(job, 1), fence=job.fence)
    waiting = yard.submit()

    assert yard.get(job.id).state == "pending"
    assert [each.id for each in claim(yard)] == [waiting.id]


def test_a_full_project_does_not_hold_up_those_behind_it(yard: MemoryYard) -> None:
    yard.limit(running=1)
    for owner in ("ada", "bob", "cyd"):
        for _ in range(5):
            yard.submit(owner=owner)
            yard.submit(owner=owner, placement=Placement(runner="here"))
    others = [yard.submit(project="lab") for _ in range(6)]

    claimed = claim(yard, most=7)

    assert len(claimed) == 7
    assert {job.id for job in claimed} >= {job.id for job in others}
    assert claim(yard, most=7) == []


def test_lanes_under_one_limit_do_not_get_more_together(yard: MemoryYard) -> None:
    yard.limit(running=4)
    yard.limit(owner="*", running=3)
    for owner in ("ada", "bob"):
        for queue in ("x", "y"):
            for _ in range(3):
                yard.submit(owner=owner, queue=queue)

    owners = Counter(belonging(yard, job)[1] for job in claim(yard))

    assert owners.total() == 4
    assert max(owners.values()) <= 3


def test_owners_of_a_limited_project_take_turns(yard: MemoryYard) -> None:
    yard.limit(running=2)
    claiming = Claiming()
    for _ in range(50):
        yard.submit(owner="ada")
    for _ in range(2):
        end(yard, *claim(yard, claiming=claiming))
    of_bob = [yard.submit(owner="bob") for _ in range(2)]

    started: list[Job] = []
    for _ in range(3):
        started += claim(yard, claiming=claiming)
        end(yard, *started[-2:])

    assert {job.id for job in of_bob} <= {job.id for job in started}


def test_a_project_that_was_held_back_has_saved_up_nothing(yard: MemoryYard) -> None:
    yard.limit("lab", running=1)
    claiming = Claiming()
    for _ in range(100):
        yard.submit()
        yard.submit(project="lab")
    first = claim(yard, most=2, claiming=claiming)
    for _ in range(30):
        claim(yard, most=1, claiming=claiming)
    yard.limit("lab", running=0)
    yard.clock.advance(1)

    projects = Counter(belonging(yard, job)[0] for _ in range(10) for job in claim(yard, most=1, claiming=claiming))

    assert len(first) == 2
    assert projects == {"lab": 5, "default": 5}


def test_a_lower_limit_ends_nothing_and_a_higher_one_counts_within_a_second(yard: MemoryYard) -> None:
    claiming = Claiming()
    yard.limit(running=3)
    for _ in range(9):
        yard.submit()
    assert len(claim(yard, claiming=claiming)) == 3

    yard.limit(running=1)
    yard.clock.advance(1)
    assert claim(yard, claiming=claiming) == []
    yard.limit(running=5)
    yard.clock.advance(1)
    assert len(claim(yard, claiming=claiming)) == 2


def test_usual_limits_hold_where_nothing_else_was_set() -> None:
    clock = ManualClock()
    usual = UsualLimits(project=Limits(queued=2), owner=Limits(running=1))
    yard = Yard(MemoryStore(clock.now), clock, usual=usual)
    assert refusals(create(yard, "a", "b", "c")) == [None, None, "queued-limit-reached"]
    assert len(claim(yard)) == 1

    yard.limit(queued=0)
    yard.limit(owner="*", running=2)
    assert refusals(create(yard, "d", "e", "f")) == [None, None, None]
    assert len(claim(yard)) == 1


def explained(yard: MemoryYard, job: JobId | JobSpec) -> Iterator[tuple[str, str, str]]:
    told = ExplainJob(yard.store.read).execute(ExplainJobCommand(job=job))
    return ((each.code, each.told, each.change) for each in told.obstacles)


def test_the_limit_in_the_way_is_explained_with_the_smallest_change(yard: MemoryYard) -> None:
    yard.limit(running=2)
    yard.limit(owner="ada", queued=1)
    running = [yard.submit(owner="ada"), *(yard.submit(owner="bob") for _ in range(2))][:1]
    claim(yard)
    waiting = yard.submit(owner="ada")

    run = (
        "running_limit",
        "limit of running jobs of project 'default': 2 of 2",
        "wait for the end of one of them, or raise it: `runyard project limit default --running 3`",
    )
    wait = (
        "queued_limit",
        "it would be refused: limit of queued jobs of owner 'ada' in project 'default': 1 of 1",
        "wait until fewer wait, or raise it: `runyard project limit default --owner ada --queued 2`",
    )
    told = ExplainJob(yard.store.read).execute(ExplainJobCommand(job=waiting.id))
    assert (told.told, told.change, told.ahead) == (run[1], run[2], 0)
    assert list(explained(yard, a_spec(owner="ada"))) == [wait, run]
    assert list(explained(yard, a_spec(owner="bob"))) == [run]
    assert list(explained(yard, a_spec(project="lab"))) == []
    assert list(explained(yard, running[0].id)) == []


def test_a_project_is_shown_with_its_limits_and_their_use(yard: MemoryYard) -> None:
    yard.limit("lab", running=3)
    yard.limit("lab", owner="*", queued=5, running=0)
    yard.limit("lab", owner="ada", queued=None)
    for owner in ("ada", "ada", "bob"):
        yard.submit(project="lab", owner=owner)
    claim(yard, most=2)

    whole, each, ada = yard.get_project.execute(GetProjectCommand(name="lab")).limits

    assert (whole.owner, whole.set, whole.in_force) == (None, Limits(running=3), Limits(running=3))
    assert (whole.queued, whole.running) == (1, 2)
    assert (each.owner, each.in_force, each.queued, each.running) == ("*", Limits(queued=5), None, None)
    assert (ada.owner, ada.set, ada.in_force, ada.queued, ada.running) == ("ada", Limits(), Limits(queued=5), 0, 2)


def test_limits_of_no_project_are_not_set(yard: MemoryYard) -> None:
    with pytest.raises(ProjectNotFound):
        yard.limit("none", running=1)
    with pytest.raises(ProjectNotFound):
        yard.get_project.execute(GetProjectCommand(name="none"))


def test_every_refusal_by_a_limit_says_which(yard: MemoryYard) -> None:
    yard.limit(owner="ada", queued=1)
    create(yard, "a", owner="ada")

    [answer] = create(yard, "b", owner="ada")

    assert isinstance(answer.refused, LimitReached)
    assert (answer.refused.bound.scope.owner, answer.refused.bound.most, answer.refused.used) == ("ada", 1, 1)


class Slow(ManualClock):
    """A clock by which everything takes long."""

    def now(self) -> datetime:
        self.advance(0.01)
        return super().now()


def test_a_lane_that_was_passed_by_hides_nothing_afterwards() -> None:
    clock = Slow()
    yard = Yard(MemoryStore(clock.now), clock)
    yard.edit_runner.execute(EditRunnerCommand(runner="here", slots=10))
    yard.limit(running=2)
    claiming = Claiming()
    jobs = [yard.submit(queue=queue) for queue in ("x", "y", "y", "x")]
    clock.advance(60)

    first = claim(yard, most=3, claiming=claiming)
    end(yard, *first)
    yard.limit(running=0)
    clock.advance(0.5)
    second = claim(yard, most=3, claiming=claiming)

    assert len(first) == 2
    assert {job.id for job in [*first, *second]} == {job.id for job in jobs}


def test_nobody_is_told_of_what_a_limit_does_not_let_run(yard: MemoryYard) -> None:
    yard.limit(running=3)
    yard.limit(owner="ada", running=1)
    create(yard, *"abc", owner="ada")
    create(yard, *"defg", owner="bob")
    create(yard, *"hi", owner="eve", project="lab")

    runner = a_runner(shared_with=("lab",))
    found = FindCrowds(yard.store.read).execute(FindCrowdsCommand(most=100))
    waiting = {RunnerId(str(number)): (runner, 1) for number in range(9)}
    assert crowds(yard) == {("default", "ada"): 1, ("default", "bob"): 3, ("lab", "eve"): 2}
    assert len(matched(found, {}, waiting)) == len(claim(yard)) == 5
    assert crowds(yard) == {}


def test_usual_limits_count_too_when_somebody_is_told(yard: MemoryYard) -> None:
    create(yard, *"abc", owner="ada")

    assert crowds(yard, UsualLimits(owner=Limits(running=2))) == {("default", "ada"): 2}
