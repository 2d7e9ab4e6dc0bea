"""Jobs name secrets; what they are is found when an attempt starts, and not before."""

from collections.abc import Mapping

import pytest

from runyard.adapters.memory.scripted import Exit, Print, Program
from runyard.application.accounts.create_project import CreateProject, CreateProjectCommand
from runyard.application.jobs.create_jobs import Created, CreateJobsCommand
from runyard.application.ports.executor import StartOrder
from runyard.application.runners.edit_runner import EditRunnerCommand
from runyard.application.secrets.remove_secret import RemoveSecret, RemoveSecretCommand
from runyard.application.secrets.set_secret import SetSecretCommand
from runyard.domain.jobs.environment import LOADER_VARIABLES, DeniedVariable, DeniedVariables
from runyard.domain.jobs.errors import InvalidJob, UnknownSecret
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import RetryPolicy
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.submission import Submission, SubmissionKey
from runyard.domain.secrets.secret import SecretValue
from tests.builders import a_spec
from tests.unit.application.test_execute_jobs import PROGRAMS, Driven
from tests.unit.application.yard import MemoryYard

VALUE = "correct horse"


def set_it(yard: MemoryYard, name: str = "db", value: str = VALUE, project: str = "default") -> None:
    yard.set_secret.execute(SetSecretCommand(project=project, name=name, value=SecretValue(value), by="ada"))


def remove(yard: MemoryYard, name: str = "db") -> None:
    RemoveSecret(yard.store.begin).execute(RemoveSecretCommand(project="default", name=name))


def created(yard: MemoryYard, spec: JobSpec, key: str | None = None) -> Created:
    submission = Submission(spec=spec, key=SubmissionKey(key, "print") if key else None)
    return yard.create_jobs.execute(CreateJobsCommand(submissions=[submission]))[0]


class Seeing(Driven):
    """Its host writes down what it was ordered to run; every program prints the value."""

    def __init__(self) -> None:
        self.orders: list[StartOrder] = []
        super().__init__()
        self.host.programs = self._program

    def _program(self, order: StartOrder) -> Program:
        self.orders.append(order)
        return PROGRAMS.get(order.command[0]) or (Print(f"<{VALUE}>".encode()), Exit(0))


@pytest.fixture
def seeing() -> Seeing:
    return Seeing()


def given(order: StartOrder) -> tuple[Mapping[str, str], Mapping[str, str]]:
    return order.secrets, order.secret_files


def test_an_attempt_gets_the_values_there_are_when_it_starts(seeing: Seeing) -> None:
    set_it(seeing.yard)
    job = seeing.yard.submit(secrets={"TOKEN": "db"}, secret_files={"KEY": "db"})
    set_it(seeing.yard, value="battery staple")

    seeing.turns(2)

    assert [given(order) for order in seeing.orders] == [({"TOKEN": "battery staple"}, {"KEY": "battery staple"})]
    assert seeing.yard.get(job.id).state == "succeeded"


def test_an_attempt_gets_the_values_of_its_own_project(seeing: Seeing) -> None:
    CreateProject(seeing.yard.store.begin).execute(CreateProjectCommand(name="red"))
    set_it(seeing.yard)
    set_it(seeing.yard, value="red horse", project="red")
    seeing.yard.submit(secrets={"TOKEN": "db"}, project="red")
    seeing.yard.edit_runner.execute(EditRunnerCommand(runner=seeing.yard.runner.id, shared_with=("red",)))

    seeing.turns(2)

    assert [given(order) for order in seeing.orders] == [({"TOKEN": "red horse"}, {})]


def test_what_it_writes_of_them_is_masked(seeing: Seeing) -> None:
    set_it(seeing.yard)
    job = seeing.yard.submit(secrets={"TOKEN": "db"})

    seeing.turns(2)

    attempt = seeing.yard.get(job.id).attempt
    assert seeing.log(job) == b"<[masked]>"
    assert attempt
    assert attempt.outcome
    assert attempt.outcome.masked == 1


def test_a_job_without_secrets_asks_for_none(seeing: Seeing) -> None:
    seeing.yard.submit()
    seeing.yard.sealer.forget("key-1")

    seeing.turns(2)

    assert [given(order) for order in seeing.orders] == [({}, {})]


def failed_to_start(seeing: Seeing, job: Job) -> str:
    seeing.turns(2)
    done = seeing.yard.get(job.id)
    assert (done.state, done.reason, done.end_confirmed) == ("failed", "start_failed", True)
    assert seeing.orders == []
    assert seeing.drive.fences == {}
    assert seeing.host.held() == frozenset()
    return done.message or ""


def test_an_attempt_whose_secret_was_removed_fails_to_start_and_says_so(seeing: Seeing) -> None:
    set_it(seeing.yard)
    job = seeing.yard.submit(secrets={"TOKEN": "db"})
    remove(seeing.yard)

    assert "the secret 'db' of the project 'default' was removed" in failed_to_start(seeing, job)


def test_an_attempt_whose_secret_cannot_be_opened_fails_to_start_and_says_so(seeing: Seeing) -> None:
    set_it(seeing.yard)
    job = seeing.yard.submit(secret_files={"KEY": "db"})
    seeing.yard.sealer.renew()
    seeing.yard.sealer.forget("key-1")

    assert "the secret 'db' cannot be opened: " in failed_to_start(seeing, job)


def test_one_that_cannot_start_keeps_no_other_from_it(seeing: Seeing) -> None:
    set_it(seeing.yard)
    set_it(seeing.yard, "other")
    without = seeing.yard.submit(secrets={"TOKEN": "other"})
    whole = seeing.yard.submit(secrets={"TOKEN": "db"})
    remove(seeing.yard, "other")

    seeing.turns(2)

    assert [seeing.yard.get(job.id).state.value for job in (without, whole)] == ["failed", "succeeded"]


def test_it_is_tried_again_as_its_policy_says_and_finds_a_secret_that_came_back(seeing: Seeing) -> None:
    set_it(seeing.yard)
    job = seeing.yard.submit(secrets={"TOKEN": "db"}, retry=RetryPolicy(max_attempts=2))
    remove(seeing.yard)
    seeing.turn()
    assert seeing.yard.get(job.id).reason == "backing_off"

    set_it(seeing.yard)
    seeing.yard.clock.advance(2)
    seeing.yard.sweep()
    seeing.turns(2)

    assert seeing.yard.get(job.id).state == "succeeded"


@pytest.mark.parametrize("kind", ["secrets", "secret_files"])
def test_an_unknown_secret_is_refused_by_its_name(yard: MemoryYard, kind: str) -> None:
    set_it(yard)

    refused = created(yard, a_spec(**{kind: {"A": "db", "B": "nothing"}})).refused

    assert isinstance(refused, UnknownSecret)
    (problem,) = refused.problems
    assert problem.pointer == f"/{kind}/B"
    assert "no secret 'nothing'" in problem.detail


def test_a_refused_submission_may_be_repeated_under_its_key_when_the_secret_is_there(yard: MemoryYard) -> None:
    spec = a_spec(secrets={"A": "db"})
    assert created(yard, spec, "key").refused
    set_it(yard)
    first = created(yard, spec, "key")
    remove(yard)

    again = created(yard, spec, "key")

    assert (first.replayed, again.replayed) == (False, True)
    assert again.accepted.job.id == first.accepted.job.id


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"secrets": {"1A": "db"}}, "/secrets/1A"),
        ({"secrets": {"A": "no such name"}}, "/secrets/A"),
        ({"env": {"A": "x"}, "secrets": {"A": "db"}}, "/secrets/A"),
        ({"secrets": {"A": "db"}, "secret_files": {"A": "db"}}, "/secret_files/A"),
        ({"secret_files": {"RUNYARD_REPORT": "db"}}, "/secret_files/RUNYARD_REPORT"),
        ({"secrets": {f"A{number}": "db" for number in range(65)}}, "/secrets"),
    ],
)
def test_wrong_names_are_refused(asked: dict[str, dict[str, str]], pointer: str) -> None:
    with pytest.raises(InvalidJob) as refused:
        a_spec(**asked)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


@pytest.mark.parametrize("kind", ["env", "secrets", "secret_files"])
def test_a_denied_variable_is_refused_with_the_setting_that_denies_it(yard: MemoryYard, kind: str) -> None:
    set_it(yard)

    refused = created(yard, a_spec(**{kind: {"LD_PRELOAD": "db", "FINE": "db"}})).refused

    assert isinstance(refused, DeniedVariable)
    (problem,) = refused.problems
    assert problem.pointer == f"/{kind}/LD_PRELOAD"
    assert "RUNYARD_DENIED_ENV denies LD_*" in problem.detail


def test_a_refused_submission_hinders_no_other(yard: MemoryYard) -> None:
    submissions = [Submission(spec=a_spec(env={"LD_AUDIT": "x"})), Submission(spec=a_spec())]

    refused, accepted = yard.create_jobs.execute(CreateJobsCommand(submissions=submissions))

    assert isinstance(refused.refused, DeniedVariable)
    assert accepted.accepted.job.live is False


@pytest.mark.parametrize("variable", ["LD_PRELOAD", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "BASH_ENV", "ENV"])
def test_loader_variables_are_denied_and_those_of_programs_are_not(variable: str) -> None:
    denied = DeniedVariables(LOADER_VARIABLES)

    assert denied.refusal(a_spec(env={"PYTHONPATH": "x", "PATH": "y", "ENVIRONMENT": "z", "MY_LD_PATH": "a"})) is None
    assert denied.refusal(a_spec(env={variable: "x"}))
    assert DeniedVariables().refusal(a_spec(env={"LD_PRELOAD": "x"})) is None
