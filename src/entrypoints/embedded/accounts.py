"""The facade of the library over the accounts and tokens of this process."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...application.accounts.create_account import CreateAccountCommand
from ...application.accounts.create_token import CreateTokenCommand
from ...application.accounts.edit_account import EditAccountCommand
from ...application.accounts.get_account import GetAccountCommand
from ...application.accounts.guard import Who
from ...application.accounts.list_accounts import ListAccountsCommand
from ...application.accounts.list_tokens import ListTokensCommand
from ...application.accounts.revoke_token import RevokeTokenCommand
from ...application.accounts.rotate_token import RotateTokenCommand
from ...application.accounts.set_password import SetPasswordCommand
from ...domain.accounts.account import Account as Stored
from ...domain.accounts.account import AccountKind
from ...domain.accounts.ids import TokenId
from ...domain.accounts.permissions import Permission
from ...domain.accounts.tokens import GRACE, LIFE, TokenTerms
from ..client.accounts import Account, Token
from ..client.errors import RunyardClientError
from ..http.account_views import AccountView, IssuedView, MeView, TokenView
from ..http.tokens import span_of
from .refusals import told


class EmbeddedAccounts:
    """The accounts of an embedded yard. `use_cases` is the container that has them."""

    def __init__(self, use_cases: Any, who: Who) -> None:
        self._use_cases = use_cases
        self._who = who

    def me(self) -> Mapping[str, Any]:
        """Who is calling, and what they may do."""
        return MeView.of(self._who()).model_dump(mode="json")

    def list(self) -> tuple[Account, ...]:
        """All of them, by name."""
        with told():
            return tuple(map(_shown, self._use_cases.list_accounts().execute(ListAccountsCommand())))

    def get(self, name: str) -> Account:
        """The account of this name."""
        with told():
            return _shown(self._use_cases.get_account().execute(GetAccountCommand(name=name)))

    def create(
        self,
        name: str,
        *,
        kind: str = "user",
        email: str | None = None,
        password: str | None = None,
        instance_admin: bool = False,
    ) -> Account:
        """A new account, without a role anywhere."""
        with told():
            command = CreateAccountCommand(
                name=name,
                kind=_known(AccountKind, kind),
                email=email,
                password=password,
                instance_admin=instance_admin,
            )
            return _shown(self._use_cases.create_account().execute(command))

    def edit(
        self,
        name: str,
        *,
        email: str | None = None,
        disabled: bool | None = None,
        instance_admin: bool | None = None,
    ) -> Account:
        """Change what is given."""
        with told():
            command = EditAccountCommand(name=name, email=email, disabled=disabled, instance_admin=instance_admin)
            return _shown(self._use_cases.edit_account().execute(command))

    def set_password(self, name: str, new: str, *, old: str | None = None) -> None:
        """Set it; one's own needs the old one."""
        with told():
            self._use_cases.set_password().execute(SetPasswordCommand(name=name, new=new, old=old))


class EmbeddedTokens:
    """The tokens of an embedded yard. `use_cases` is the container that has them."""

    def __init__(self, use_cases: Any) -> None:
        self._use_cases = use_cases

    def list(self, *, account: str | None = None) -> tuple[Token, ...]:
        """All of them, or those of an account."""
        with told():
            found = self._use_cases.list_tokens().execute(ListTokensCommand(account=account))
        return tuple(Token.of(TokenView.of(record).model_dump(mode="json")) for record in found)

    def create(
        self,
        *,
        account: str | None = None,
        name: str = "",
        scopes: Sequence[str] | None = None,
        expires_in: float | None = None,
    ) -> Token:
        """A new token; its `text` is seen here and never again."""
        with told():
            known = None if scopes is None else frozenset(_known(Permission, each) for each in scopes)
            life = span_of(expires_in, LIFE)
            command = CreateTokenCommand(account=account, terms=TokenTerms(name=name, scopes=known, life=life))
            return _issued(self._use_cases.create_token().execute(command))

    def rotate(self, token_id: str, *, grace: float | None = None) -> Token:
        """A successor; the old one stays good for so many seconds, an hour unless given."""
        with told():
            command = RotateTokenCommand(token_id=TokenId(token_id), grace=span_of(grace, GRACE))
            return _issued(self._use_cases.rotate_token().execute(command))

    def revoke(self, token_id: str) -> None:
        """Good no more, everywhere, within five seconds."""
        with told():
            self._use_cases.revoke_token().execute(RevokeTokenCommand(token_id=TokenId(token_id)))


def _shown(account: Stored) -> Account:
    return Account.of(AccountView.of(account).model_dump(mode="json"))


def _issued(issued: Any) -> Token:
    return Token.of(IssuedView.issued(issued).model_dump(mode="json"))


def _known(kind: Any, said: str) -> Any:
    if said not in set(kind):
        advice = f"Known are {', '.join(kind)}."
        raise RunyardClientError(f"{said!r} is not one of them", code="bad-parameter", advice=advice)
    return kind(said)
