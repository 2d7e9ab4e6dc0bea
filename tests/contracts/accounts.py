"""What any store of accounts and tokens must do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runyard.domain.accounts.account import Account, AccountKind
from runyard.domain.accounts.errors import AccountExists, AccountNotFound, TokenNotFound
from runyard.domain.accounts.ids import AccountId, TokenId
from runyard.domain.accounts.permissions import Permission, Role
from runyard.domain.accounts.projects import Project
from runyard.domain.accounts.tokens import Token

from ..builders import NOON, a_job_id
from .stores import Store, at_once

LATER = NOON + timedelta(days=1)


def an_account(name: str = "ada", **values: object) -> Account:
    given = {"id": AccountId(a_job_id()), "name": name, "kind": AccountKind.USER, "created_at": NOON, **values}
    return Account(**given)  # type: ignore[arg-type] # fields by name


def a_token(account: Account, token_id: str, **values: object) -> Token:
    given = {"id": TokenId(token_id), "account_id": account.id, "hash": "h", "created_at": NOON, "expires_at": LATER}
    return Token(**{**given, **values})  # type: ignore[arg-type] # fields by name


def add(store: Store, *accounts: Account) -> None:
    with store.begin() as work:
        for account in accounts:
            work.accounts.add(account)
        work.commit()


class AccountsContract:
    """The promises of the ports `Accounts`, `AccountReading`, `Tokens` and `TokenReading`."""

    def test_every_field_comes_back(self, store: Store):
        with store.begin() as work:
            work.projects.add(Project(name="other", created_at=NOON))
            work.commit()
        ada = an_account(
            email="ada@example.org",
            password_hash="h",
            instance_admin=True,
            roles={"default": Role.VIEWER, "other": Role.ADMIN},
            disabled_at=LATER,
        )
        robot = an_account("robot", kind=AccountKind.SERVICE)
        add(store, robot, ada)

        with store.read() as reading:
            assert reading.accounts.all() == [ada, robot]
            assert reading.accounts.named("ada") == reading.accounts.get(ada.id) == ada
            assert reading.accounts.get(AccountId(a_job_id())) is None

    def test_a_saved_account_comes_back_changed_with_the_roles_it_has_left(self, store: Store):
        ada = an_account(roles={"default": Role.VIEWER})
        add(store, ada)
        changed = replace(ada, email="a@b", roles={}, disabled_at=NOON)
        with store.begin() as work:
            assert work.accounts.named("ada") == ada
            work.accounts.save(changed)
            assert work.accounts.named("ada") == changed
            work.commit()

        with store.read() as reading:
            assert reading.accounts.named("ada") == changed

    @pytest.mark.parametrize("name", ["none", "", "\0", "ADA", "é"])
    def test_an_unknown_name_is_not_found(self, store: Store, name: str):
        add(store, an_account())
        with store.begin() as work, pytest.raises(AccountNotFound):
            work.accounts.named(name)
        with store.read() as reading, pytest.raises(AccountNotFound):
            reading.accounts.named(name)
        with store.begin() as work, pytest.raises(AccountNotFound):
            work.accounts.save(an_account("bob"))

    def test_of_many_who_take_a_name_at_once_one_gets_it(self, store: Store):
        def make(_: int) -> bool:
            try:
                add(store, an_account())
            except AccountExists:
                return False
            return True

        assert sum(at_once(8, make)) == 1

    def test_tokens_come_back_and_are_found_by_id_and_account(self, store: Store):
        ada, bob = an_account(), an_account("bob")
        add(store, ada, bob)
        full = a_token(
            ada,
            "one",
            name="ünïcode",
            scopes=frozenset({Permission.SEE, Permission.SUBMIT}),
            life=timedelta(hours=3),
            revoked_at=LATER,
            replaced_by=TokenId("two"),
            last_used_at=NOON,
        )
        plain = a_token(ada, "two", created_at=NOON + timedelta(seconds=1), scopes=frozenset())
        with store.begin() as work:
            work.tokens.add(plain)
            work.tokens.add(full)
            work.tokens.add(a_token(bob, "three"))
            work.commit()

        with store.read() as reading:
            assert reading.tokens.of(ada.id) == [full, plain]
            assert reading.tokens.get(TokenId("one")) == full

    def test_a_saved_token_comes_back_changed_and_an_unknown_one_is_not_found(self, store: Store):
        ada = an_account()
        add(store, ada)
        token = a_token(ada, "one")
        with store.begin() as work:
            work.tokens.add(token)
            work.tokens.save(token.revoked(now=NOON))
            work.commit()

        with store.read() as reading:
            assert reading.tokens.get(TokenId("one")).revoked_at == NOON
            for unknown in ("two", "", "\0"):
                with pytest.raises(TokenNotFound):
                    reading.tokens.get(TokenId(unknown))

    def test_an_uncommitted_account_never_was(self, store: Store):
        with store.begin() as work:
            work.accounts.add(an_account())

        with store.read() as reading:
            assert reading.accounts.all() == []
