"""That somebody got something, or a job was ended by force, and the audit trail never told."""

from dataclasses import replace
from typing import Any

import pytest

from runyard.application.accounts.create_account import CreateAccountCommand
from runyard.application.accounts.create_project import CreateProjectCommand
from runyard.application.accounts.create_token import CreateTokenCommand
from runyard.application.accounts.edit_account import EditAccountCommand
from runyard.application.accounts.guard import Always, Guarded
from runyard.application.accounts.revoke_token import RevokeTokenCommand
from runyard.application.accounts.rotate_token import RotateTokenCommand
from runyard.application.accounts.set_password import SetPasswordCommand
from runyard.application.accounts.set_role import SetRoleCommand
from runyard.application.jobs.force_finish import ForceFinishCommand
from runyard.application.observability.check_invariants import CheckInvariants, CheckInvariantsCommand
from runyard.domain.accounts.access import OPERATING_ACCOUNT
from runyard.domain.accounts.permissions import Role
from runyard.domain.accounts.tokens import TokenTerms

from .yard import MemoryYard


def does(yard: MemoryYard, command: Any) -> Any:
    """As an admin, and told."""
    name = type(command).__name__.removesuffix("Command")
    use_case = getattr(yard, "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_"))
    return Guarded(use_case, Always(OPERATING_ACCOUNT), yard.read, yard.record_refusal).execute(command)


@pytest.fixture
def told(yard: MemoryYard) -> MemoryYard:
    """Where everything that can be told of accounts and tokens has been done."""
    does(yard, CreateProjectCommand(name="lab"))
    does(yard, CreateAccountCommand(name="ada", password="correct horse battery", email="ada@example.org"))
    for role in (Role.ADMIN, Role.VIEWER):
        does(yard, SetRoleCommand(project="lab", account="ada", role=role))
    does(yard, SetRoleCommand(project="default", account="ada", role=Role.VIEWER))
    does(yard, SetRoleCommand(project="default", account="ada", role=None))
    does(yard, SetPasswordCommand(name="ada", new="a newer one for tests", needs_old=False))
    for disabled in (True, False):
        does(yard, EditAccountCommand(name="ada", disabled=disabled, email="other@example.org"))
    made = does(yard, CreateTokenCommand(account="ada", terms=TokenTerms(name="t", scopes=None)))
    rotated = does(yard, RotateTokenCommand(token_id=made.token.id))
    does(yard, RevokeTokenCommand(token_id=rotated.token.id))
    job = yard.assigned()
    does(yard, ForceFinishCommand(job_id=job.id, why="gone"))
    return yard


def hits(yard: MemoryYard, **how: Any) -> list[str]:
    found = CheckInvariants(yard.store.read).execute(CheckInvariantsCommand(**how)).hits
    assert {hit.invariant for hit in found} <= {"trail"}
    return [hit.told for hit in found]


def spoil(yard: MemoryYard, **values: Any) -> None:
    """Ada is another one than anybody said."""
    accounts = yard.store._published.accounts
    (ada,) = accounts.values()
    accounts[ada.id] = replace(ada, **values)


def test_what_was_told_breaks_nothing(told: MemoryYard) -> None:
    assert hits(told) == []


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"instance_admin": True}, "instance_admin is True, and the trail says False"),
        ({"roles": {"lab": Role.ADMIN}}, "role in lab is 'admin', and the trail says 'viewer'"),
        ({"roles": {}}, "role in lab is nothing, and the trail says 'viewer'"),
        (
            {"roles": {"lab": Role.VIEWER, "default": Role.ADMIN}},
            "role in default is 'admin', and the trail says nothing",
        ),
        ({"email": "eve@example.org"}, "email is 'eve@example.org', and the trail says 'other@example.org'"),
    ],
)
def test_it_is_found_that_an_account_may_do_what_nobody_told(told: MemoryYard, values: Any, wrong: str) -> None:
    spoil(told, **values)

    assert hits(told) == [f"of account 'ada' {wrong}"]


def test_it_is_found_that_a_token_is_good_again(told: MemoryYard) -> None:
    tokens = told.store._published.tokens
    (revoked,) = (each for each in tokens.values() if each.revoked_at)
    tokens[revoked.id] = replace(revoked, revoked_at=None)

    (one,) = hits(told)
    assert one.startswith("of token 't' revoked_at is nothing, and the trail says '20")


def test_it_is_found_that_a_job_was_ended_by_force_and_nobody_did_it(told: MemoryYard) -> None:
    told.force(told.assigned().id)

    (one,) = hits(told)
    assert one.startswith("nobody is said to have ended job ")


def test_of_what_is_older_than_the_trail_nobody_knows(yard: MemoryYard) -> None:
    yard.force(yard.assigned().id)
    yard.create_account.execute(CreateAccountCommand(name="ada"))
    spoil(yard, instance_admin=True)
    assert hits(yard) == []

    yard.clock.advance(1)
    does(yard, SetRoleCommand(project="default", account="ada", role=Role.VIEWER))
    assert hits(yard) == []
    spoil(yard, roles={"default": Role.ADMIN})
    assert hits(yard) == ["of account 'ada' role in default is 'admin', and the trail says 'viewer'"]


def test_no_more_is_told_than_asked_for(told: MemoryYard) -> None:
    spoil(told, instance_admin=True, email="eve@example.org")
    for _ in range(3):
        told.force(told.assigned().id)

    assert len(hits(told, most_hits=2)) == 2
