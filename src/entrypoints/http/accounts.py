"""Accounts: create, list, look, edit, set passwords; and who one is."""

from typing import Any

from litestar import Controller, Request, get, patch, post
from litestar.params import FromPath, RawBody

from ...application.accounts.create_account import CreateAccountCommand
from ...application.accounts.edit_account import EditAccountCommand
from ...application.accounts.get_account import GetAccountCommand
from ...application.accounts.list_accounts import ListAccountsCommand
from ...application.accounts.set_password import SetPasswordCommand
from ...domain.accounts.account import AccountKind
from ...domain.accounts.errors import InvalidAccount
from .account_bodies import AccountBody, AccountEditBody, PasswordBody
from .account_views import AccountsView, AccountView, MeView
from .given import Everything
from .request_body import read_body


class AccountsController(Controller):
    """Accounts."""

    tags = ("accounts",)

    @get("/me", sync_to_thread=True, operation_id="whoAmI", summary="Who am I?")
    def me(self, provided: Everything) -> MeView:
        """Whose token this is, and what may be done with it."""
        return MeView.of(provided.caller())

    @get("/accounts", sync_to_thread=True, operation_id="listAccounts", summary="List accounts")
    def list_of_accounts(self, provided: Everything) -> AccountsView:
        """All of them, by name."""
        found = provided.accounts.list_accounts.execute(ListAccountsCommand())
        return AccountsView(items=[AccountView.of(account) for account in found])

    @post("/accounts", sync_to_thread=True, operation_id="createAccount", summary="Create an account")
    def create(self, request: Request[Any, Any, Any], body: RawBody, provided: Everything) -> AccountView:
        """A person or a program. It has no role anywhere yet."""
        asked = read_body(request, body, AccountBody, InvalidAccount)
        command = CreateAccountCommand(
            name=asked.name,
            kind=AccountKind(asked.kind),
            email=asked.email,
            password=asked.password,
            instance_admin=asked.instance_admin,
        )
        return AccountView.of(provided.accounts.create_account.execute(command))

    @get("/accounts/{name:str}", sync_to_thread=True, operation_id="getAccount", summary="Look at an account")
    def account(self, name: FromPath[str], provided: Everything) -> AccountView:
        """One's own, or anybody's for who manages accounts."""
        return AccountView.of(provided.accounts.get_account.execute(GetAccountCommand(name=name)))

    @patch("/accounts/{name:str}", sync_to_thread=True, operation_id="editAccount", summary="Edit an account")
    def edit(
        self, request: Request[Any, Any, Any], name: FromPath[str], body: RawBody, provided: Everything
    ) -> AccountView:
        """Shutting an account out counts within seconds, for its tokens too."""
        asked = read_body(request, body, AccountEditBody, InvalidAccount)
        command = EditAccountCommand(
            name=name, email=asked.email, disabled=asked.disabled, instance_admin=asked.instance_admin
        )
        return AccountView.of(provided.accounts.edit_account.execute(command))

    @post(
        "/accounts/{name:str}/password",
        sync_to_thread=True,
        status_code=204,
        operation_id="setPassword",
        summary="Set a password",
    )
    def set_password(
        self, request: Request[Any, Any, Any], name: FromPath[str], body: RawBody, provided: Everything
    ) -> None:
        """One's own with the old one; who manages accounts needs none for others. Tokens that exist stay good."""
        asked = read_body(request, body, PasswordBody, InvalidAccount)
        provided.accounts.set_password.execute(SetPasswordCommand(name=name, new=asked.new, old=asked.old))
