"""Accounts and tokens as everybody outside sees them."""

from typing import Any, Self

from pydantic import Field

from ...application.accounts.create_token import Issued
from ...application.accounts.list_tokens import TokenRecord
from ...domain.accounts.access import Actor
from ...domain.accounts.account import Account, AccountKind
from ...domain.accounts.permissions import Permission, Role
from ...domain.accounts.tokens import Token
from .spec_views import Moment, View


class AccountView(View):
    """An account as it is now."""

    id: str
    name: str
    kind: AccountKind
    email: str | None
    instance_admin: bool
    roles: dict[str, Role] = Field(description="What it is, by project.")
    disabled_at: Moment | None = Field(description="Since when it is shut out.")
    created_at: Moment

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            name=account.name,
            kind=account.kind,
            email=account.email,
            instance_admin=account.instance_admin,
            roles=dict(account.roles),
            disabled_at=account.disabled_at,
            created_at=account.created_at,
        )


class AccountsView(View):
    """Accounts, by name."""

    items: list[AccountView]


class MemberView(View):
    """What an account is in a project."""

    account: str
    role: Role

    @classmethod
    def of(cls, account: Account, project: str) -> Self:
        return cls(account=account.name, role=account.roles[project])


class MembersView(View):
    """The members of a project, by name."""

    items: list[MemberView]


class MeView(View):
    """Who is calling, and what they may do."""

    name: str
    instance_admin: bool
    roles: dict[str, Role]
    permissions: dict[str, list[Permission]] = Field(description="By project.")
    scopes: list[Permission] | None = Field(description="What the token is for; null is all that the account may.")
    token: str | None = Field(description="The id of the token; null for the admin token.")
    job: str | None = Field(description="The job whose process it is, if it is none of the account itself.")

    @classmethod
    def of(cls, actor: Actor) -> Self:
        return cls(
            name=actor.name,
            instance_admin=actor.instance_admin,
            roles=dict(actor.roles),
            permissions={project: sorted(actor.may_in(project)) for project in sorted(actor.roles)},
            scopes=None if actor.scopes is None else sorted(actor.scopes),
            token=actor.token,
            job=actor.job,
        )


class TokenView(View):
    """A token as it is now. Its text is nowhere."""

    id: str
    account: str
    name: str
    scopes: list[Permission] | None = Field(description="What it is for; null is all that its account may.")
    created_at: Moment
    expires_at: Moment
    revoked_at: Moment | None
    replaced_by: str | None = Field(description="Its successor, since it was rotated.")
    last_used_at: Moment | None = Field(description="Brought up to date once a minute.")

    @classmethod
    def of(cls, record: TokenRecord) -> Self:
        return cls(**_facts(record.token, record.account))


class IssuedView(TokenView):
    """A new token, with its text, which is shown here and never again."""

    text: str = Field(repr=False)

    @classmethod
    def issued(cls, issued: Issued) -> Self:
        return cls(**_facts(issued.token, issued.account), text=issued.text.revealed)


class TokensView(View):
    """Tokens, by account, the oldest first."""

    items: list[TokenView]


def _facts(token: Token, account: str) -> dict[str, Any]:
    return {
        "id": token.id,
        "account": account,
        "name": token.name,
        "scopes": None if token.scopes is None else sorted(token.scopes),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "replaced_by": token.replaced_by,
        "last_used_at": token.last_used_at,
    }
