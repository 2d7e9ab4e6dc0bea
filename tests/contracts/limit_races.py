"""What must hold when many want what a limit has too little of, by the use cases on any store."""

import random
from collections import Counter
from collections.abc import Sequence
from threading import Barrier, Lock

from runyard.adapters.memory.clock import ManualClock
from runyard.application.accounts.create_project import CreateProjectCommand
from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.jobs.claiming import Claiming
from runyard.application.jobs.create_jobs import CreateJobsCommand
from runyard.application.jobs.report_outcomes import FencedFact, ReportOutcomesCommand
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.edit_runner import EditRunnerCommand
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.submission import Submission
from runyard.domain.limits.errors import LimitReached
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import Runner, RunnerKind
from tests.unit.application.yard import HELLO, Yard, ended

from ..builders import a_spec
from .stores import Store, at_once

CLAIMERS = 4


def a_yard(store: Store) -> Yard:
    yard = Yard(store, ManualClock())
    yard.create_project.execute(CreateProjectCommand(name="lab"))
    return yard


def submit(yard: Yard, *specs: tuple[str, str]) -> list[LimitReached | None]:
    """What refused each job of a project and an owner, if anything did."""
    asked = [Submission(spec=a_spec(project=project, owner=owner)) for project, owner in specs]
    answers = yard.create_jobs.execute(CreateJobsCommand(submissions=asked))
    refused = [answer.refused for answer in answers]
    assert all(each is None or isinstance(each, LimitReached) for each in refused)
    return [each for each in refused if each is None or isinstance(each, LimitReached)]


def claimer(yard: Yard, number: int) -> Runner:
    """A runner of its own, with more slots than there is work, that serves all projects."""
    name = f"r{number}"
    yard.register_runner.execute(RegisterRunnerCommand(name=name, kind=RunnerKind.LOCAL, slots=1000))
    edited = yard.edit_runner.execute(EditRunnerCommand(runner=name, shared_with=("*",)))
    return yard.adopt_runner.execute(AdoptRunnerCommand(runner_id=edited.runner.id, driver_id=DriverId(name))).runner


def claim(yard: Yard, runner: Runner, most: int, claiming: Claiming) -> list[Job]:
    assert runner.driver
    command = AssignJobsCommand(
        runner_id=runner.id, epoch=runner.driver.epoch, hello=HELLO, most=most, claiming=claiming
    )
    return [item.job for item in yard.assign_jobs.execute(command)]


def report(yard: Yard, jobs: Sequence[Job]) -> None:
    facts = [FencedFact(ended(job), job.fence) for job in jobs]
    assert not [
        each.refused for each in yard.report_outcomes.execute(ReportOutcomesCommand(facts=facts)) if each.refused
    ]


class LimitRacesContract:
    """For any `store`."""

    def test_of_twenty_who_submit_at_once_as_many_are_accepted_as_may_wait(self, store: Store):
        yard = a_yard(store)
        yard.limit("lab", queued=7)

        refused = [each for answers in at_once(20, lambda _: submit(yard, ("lab", "ada"))) for each in answers]

        assert refused.count(None) == 7
        assert {str(each).partition(";")[0] for each in refused if each} == {
            "limit of queued jobs of project 'lab': 7 of 7"
        }

    def test_of_batches_at_once_no_more_are_accepted_than_each_owner_and_their_project_may_have(self, store: Store):
        yard = a_yard(store)
        yard.limit("lab", queued=25)
        yard.limit("lab", "*", queued=10)
        yard.limit("lab", "bob", queued=12)
        jobs = [("lab", "ada"), ("lab", "bob"), ("lab", "cyd"), ("default", "ada")] * 3

        answers = at_once(20, lambda _: list(zip(jobs, submit(yard, *jobs), strict=True)))

        accepted = Counter(job for each in answers for job, refusal in each if refusal is None)
        of_lab = {owner: many for (project, owner), many in accepted.items() if project == "lab"}
        assert sum(of_lab.values()) == 25
        assert all(of_lab[owner] <= most for owner, most in {"ada": 10, "bob": 12, "cyd": 10}.items())
        assert accepted["default", "ada"] == 60

    def test_never_more_run_than_may_however_many_claim_and_end_at_once(self, store: Store):
        yard = a_yard(store)
        yard.limit("lab", running=5)
        yard.limit("lab", "bob", running=2)
        submit(yard, *[("lab", "ada"), ("lab", "bob"), ("default", "ada")] * 20)
        runners = [claimer(yard, number) for number in range(CLAIMERS)]
        lock, seen, counts = Lock(), list[str](), list[Counter[str]]()
        all_hold_some = Barrier(CLAIMERS)

        def work(number: int) -> None:
            chance, claiming = random.Random(number), Claiming()  # noqa: S311 - a seed
            mine = [job for _ in range(2) for job in claim(yard, runners[number], 4, claiming)]
            all_hold_some.wait()  # more was asked for than is unlimited: whoever runs first, the limit binds
            for _ in range(200):
                with lock, store.read() as reading:
                    use = reading.use.running(["lab"])
                    counts.append(Counter({owner: many for (_, owner), many in use.items()}))
                over, mine = mine[: len(mine) // 2 + 1], mine[len(mine) // 2 + 1 :]
                report(yard, over)
                with lock:
                    seen.extend(job.id for job in over)
                    if len(seen) == 60:
                        return
                mine += claim(yard, runners[number], chance.randint(1, 4), claiming)

        at_once(CLAIMERS, work)

        assert len(seen) == len(set(seen)) == 60
        assert max(each.total() for each in counts) == 5
        assert max(each["bob"] for each in counts) <= 2

    def test_of_twenty_who_claim_at_once_as_many_get_one_as_may_run(self, store: Store):
        yard = a_yard(store)
        yard.limit("lab", running=3)
        submit(yard, *[("lab", f"owner-{number}") for number in range(20)])
        runners = [claimer(yard, number) for number in range(20)]

        claimed = at_once(20, lambda number: len(claim(yard, runners[number], 1, Claiming())))

        assert sum(claimed) == 3
