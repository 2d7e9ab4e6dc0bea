"""The tokens that attempts get: for whom, what is in the order, and until when they are good."""

from datetime import timedelta

import pytest

from runyard.adapters.memory.store import MemoryStore
from runyard.application.accounts.authenticate import AuthenticateCommand
from runyard.application.accounts.authenticate_attempt import AuthenticateAttempt
from runyard.application.accounts.create_account import CreateAccountCommand
from runyard.application.accounts.edit_account import EditAccountCommand
from runyard.application.accounts.set_role import SetRoleCommand
from runyard.application.audit.list_audit import ListAuditCommand
from runyard.application.jobs.hand_out_jobs import WayBack
from runyard.application.moving.export_store import ExportStore, ExportStoreCommand
from runyard.application.moving.import_store import ImportStore, ImportStoreCommand
from runyard.application.ports.executor import Voided
from runyard.domain.accounts.access import Actor
from runyard.domain.accounts.errors import Unauthenticated
from runyard.domain.accounts.permissions import Permission, Role
from runyard.domain.accounts.tokens import TokenText, parsed
from runyard.domain.audit.entry import AuditFilter
from runyard.domain.errors import RunyardError
from runyard.domain.jobs.access import JobAccess
from runyard.domain.jobs.errors import InvalidJob
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.runners.runner import RunnerKind
from tests.builders import BOOT, a_spec
from tests.contracts.worlds import ListedArchive

from .yard import MemoryYard, ended

OWN, SUBMIT = JobAccess.OWN, JobAccess.SUBMIT


@pytest.fixture
def yard() -> MemoryYard:
    yard = MemoryYard()
    yard.create_account.execute(CreateAccountCommand(name="ada", password="correct horse battery"))
    return yard


def shown(yard: MemoryYard, text: str) -> Actor:
    return yard.authenticate.execute(AuthenticateCommand(presented=text))


def job_of(yard: MemoryYard, text: str) -> Job:
    return yard.get(JobId(shown(yard, text).job or ""))


def refused(yard: MemoryYard, text: str) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        shown(yard, text)
    return str(refusal.value)


def token_of(yard: MemoryYard, **asked: object) -> str:
    handed_out = yard.handed_out(**{"access": OWN, **asked})
    assert handed_out.order is not None
    return handed_out.order.secrets["RUNYARD_TOKEN"]


def test_a_job_that_asks_for_nothing_gets_nothing(yard: MemoryYard) -> None:
    order = yard.handed_out().order

    assert order is not None
    assert (order.env, order.secrets) == ({}, {})


def test_a_job_that_asks_is_told_where_to_ask_and_in_which_project(yard: MemoryYard) -> None:
    order = yard.handed_out(access=OWN, env={"RUNYARD_PROJECT": "mine", "A": "b"}).order

    assert order is not None
    assert order.env == {"RUNYARD_URL": "http://here", "RUNYARD_PROJECT": "mine", "A": "b"}
    assert order.secrets["RUNYARD_TOKEN"].startswith("rya_")
    assert "rya_" not in repr(order)


def test_a_token_of_its_own_in_a_job_with_access_is_refused() -> None:
    with pytest.raises(InvalidJob) as refusal:
        a_spec(access=OWN, env={"RUNYARD_TOKEN": "mine"})

    assert [problem.pointer for problem in refusal.value.problems] == ["/env/RUNYARD_TOKEN"]
    assert a_spec(env={"RUNYARD_TOKEN": "mine"}).access is JobAccess.NONE


@pytest.mark.parametrize(
    ("way", "kind", "told"),
    [
        (WayBack(), RunnerKind.AGENT, {}),
        (WayBack(here="h"), RunnerKind.LOCAL, {"RUNYARD_URL": "h"}),
        (WayBack(here="h", public="p"), RunnerKind.LOCAL, {"RUNYARD_URL": "p"}),
        (WayBack(here="h", public="p"), RunnerKind.SSH, {"RUNYARD_URL": "p"}),
        (WayBack(here="h", public="p"), RunnerKind.AGENT, {"RUNYARD_URL": "p"}),
    ],
)
def test_where_a_job_asks_depends_on_where_it_runs(way: WayBack, kind: RunnerKind, told: dict[str, str]) -> None:
    assert way.variables(kind) == told


@pytest.mark.parametrize(("way", "kind"), [(WayBack(here="h"), RunnerKind.SSH), (WayBack(), RunnerKind.LOCAL)])
def test_where_nobody_knows_the_way_back_it_is_said_what_to_do(way: WayBack, kind: RunnerKind) -> None:
    with pytest.raises(RunyardError, match="set RUNYARD_PUBLIC_URL"):
        way.variables(kind)


def test_a_job_that_could_not_call_is_not_started(yard: MemoryYard) -> None:
    yard.way_back.here = None
    handed_out = yard.handed_out(access=OWN)

    assert handed_out.order is None
    assert "RUNYARD_PUBLIC_URL" in handed_out.why


def test_it_is_the_owner_within_the_job(yard: MemoryYard) -> None:
    handed_out = yard.handed_out(access=SUBMIT, owner="bob")
    assert handed_out.order is not None
    actor = shown(yard, handed_out.order.secrets["RUNYARD_TOKEN"])

    assert (actor.name, actor.kind, actor.job) == ("bob", "attempt", handed_out.ref.job_id)
    assert (actor.roles, actor.instance_admin, actor.account) == ({"default": Role.SUBMITTER}, False, None)
    assert actor.scopes == frozenset({Permission.SEE, Permission.SUBMIT, Permission.STEER_OWN})


def test_it_may_never_do_more_than_the_owner_may_at_that_moment(yard: MemoryYard) -> None:
    token = token_of(yard, owner="ada", access=SUBMIT)
    nothing = shown(yard, token).roles
    yard.set_role.execute(SetRoleCommand(project="default", account="ada", role=Role.VIEWER))
    looking = shown(yard, token).may_in("default")
    yard.edit_account.execute(EditAccountCommand(name="ada", disabled=True))

    assert nothing == {}
    assert looking == {Permission.SEE}
    assert "disabled" in refused(yard, token)


def test_it_dies_with_its_attempt(yard: MemoryYard) -> None:
    token = token_of(yard)
    job = job_of(yard, token)
    yard.report(ended(job), fence=job.fence)

    told = refused(yard, token)
    assert f"attempt 1 of job {job.id}, which has ended" in told
    assert "runyard token create" in told
    (entry,) = yard.list_audit.execute(ListAuditCommand(which=AuditFilter(action="authenticate"))).items
    assert (entry.reason, entry.outcome, entry.doer.token) == ("ended_attempt", "refused", token[4:20])


def test_it_outlives_its_driver_as_the_attempt_does(yard: MemoryYard) -> None:
    token = token_of(yard)
    fence = job_of(yard, token).fence
    yard.clock.advance(20)
    yard.adopt("another")

    assert job_of(yard, token).fence > fence


def test_it_goes_on_to_work_when_everything_was_moved_to_another_store(yard: MemoryYard) -> None:
    token, archive, elsewhere = token_of(yard), ListedArchive(), MemoryStore(yard.clock.now)
    ExportStore(yard.store.read, archive).execute(ExportStoreCommand())
    ImportStore(elsewhere.begin, archive).execute(ImportStoreCommand())

    there = AuthenticateAttempt(elsewhere.read).execute(AuthenticateCommand(presented=token))
    assert there == shown(yard, token)


def test_that_of_an_earlier_attempt_is_refused_while_the_next_one_runs(yard: MemoryYard) -> None:
    first = token_of(yard)
    job = job_of(yard, first)
    yard.report(Voided(job.ref, BOOT), fence=job.fence)
    (again,) = yard.hand_out()

    assert "attempt 1" in refused(yard, first)
    assert again.order is not None
    assert shown(yard, again.order.secrets["RUNYARD_TOKEN"]).job == job.id


def test_it_is_refused_when_its_host_was_silent_for_as_long_as_the_lease(yard: MemoryYard) -> None:
    token = token_of(yard, lost_after=600.0)
    lease = job_of(yard, token).current.lease
    assert lease is not None
    yard.clock.advance(timedelta(seconds=lease + 1).total_seconds())

    assert "was not heard of" in refused(yard, token)


@pytest.mark.parametrize("text", ["rya_", "rya_" + "0" * 65, "ryu_" + "0" * 65, ""])
def test_what_is_no_token_is_not_told_apart(yard: MemoryYard, text: str) -> None:
    assert refused(yard, text) == "this token does not open the door"


def test_a_secret_of_another_attempt_does_not_open_this_one(yard: MemoryYard) -> None:
    one, other = token_of(yard), token_of(yard)
    mine, theirs = parsed(one, "rya"), parsed(other, "rya")
    assert mine is not None
    assert theirs is not None

    assert refused(yard, TokenText(mine.id, theirs.secret, "rya").revealed) == "this token does not open the door"
