"""Accounts, tokens and roles of a yard in this process: the same words as over HTTP."""

from collections.abc import Iterator

import pytest

import runyard
from runyard.domain.accounts.tokens import parsed
from runyard.entrypoints.client.errors import RunyardClientError
from runyard.entrypoints.library import Yard


@pytest.fixture(scope="module")
def yard() -> Iterator[Yard]:
    with runyard.embedded(slots=1) as yard:
        yield yard


def test_people_and_programs_are_made_changed_and_shut_out(yard: Yard) -> None:
    assert yard.accounts.me()["name"] == "admin"
    ada = yard.accounts.create("ada", email="ada@example.org", password="correct horse battery")
    assert (ada.kind, ada.instance_admin, yard.accounts.get("ada")) == ("user", False, ada)
    yard.projects.create("lab")
    yard.projects.set_role("lab", "ada", "operator")
    assert yard.projects.members("lab") == {"ada": "operator"}
    yard.accounts.set_password("ada", "another horse, another battery")
    shut_out = yard.accounts.edit("ada", disabled=True, email="ada@example.com")
    assert (shut_out.disabled_at is not None, shut_out.email, shut_out.roles) == (
        True,
        "ada@example.com",
        {"lab": "operator"},
    )
    yard.projects.set_role("lab", "ada", None)
    assert (yard.projects.members("lab"), [each.name for each in yard.accounts.list()]) == ({}, ["ada"])
    told = [entry.action for entry in yard.audit(resource="account:ada")]
    assert told == ["set_role", "edit_account", "set_password", "set_role", "create_account"]


def test_tokens_are_made_rotated_and_revoked(yard: Yard) -> None:
    yard.accounts.create("robot", kind="service")
    token = yard.tokens.create(account="robot", name="ci", scopes=["see"], expires_in=60)
    assert token.text
    assert parsed(token.text)
    assert (token.account, token.scopes, (token.expires_at - token.created_at).total_seconds()) == (
        "robot",
        ["see"],
        60,
    )
    successor = yard.tokens.rotate(token.id, grace=0)
    yard.tokens.revoke(successor.id)
    first, second = yard.tokens.list(account="robot")
    assert (first.replaced_by, first.text, second.text) == (successor.id, None, None)
    assert second.revoked_at


def test_what_cannot_be_is_refused_as_over_http(yard: Yard) -> None:
    for wrong in (
        lambda: yard.accounts.create("Not A Name"),
        lambda: yard.accounts.create("x", kind="robot"),
        lambda: yard.accounts.create("x", password="short"),
        lambda: yard.accounts.get("nobody"),
        lambda: yard.projects.set_role("default", "nobody", "emperor"),
        lambda: yard.projects.set_role("default", "nobody", "viewer"),
        lambda: yard.projects.members("nowhere"),
        lambda: yard.tokens.create(account="nobody"),
        lambda: yard.tokens.create(scopes=["everything"]),
        lambda: yard.tokens.create(expires_in=1e300),
        lambda: yard.tokens.revoke("n" * 16),
    ):
        with pytest.raises(RunyardClientError):
            wrong()
