"""What can be asked of accounts, projects and tokens."""

from typing import Literal

from pydantic import Field

from ...domain.accounts.permissions import Permission, Role
from .request_body import StrictBody

Kind = Literal["user", "service"]


class ProjectBody(StrictBody):
    """A new project."""

    name: str = Field(description="1 to 63 lower-case letters, digits or `-`, a letter or digit first.")


class AccountBody(StrictBody):
    """A new account."""

    name: str = Field(description="1 to 63 lower-case letters, digits, `.`, `_` or `-`. It never changes.")
    kind: Kind = Field(default="user", description="A person, or a program, which has tokens and no password.")
    email: str | None = Field(default=None, description="For people.")
    password: str | None = Field(default=None, repr=False, description="To log in with: 12 characters or more.")
    instance_admin: bool = Field(default=False, description="Whether it may do everything, everywhere.")


class AccountEditBody(StrictBody):
    """What shall be different; what is left out stays as it is."""

    email: str | None = Field(default=None, description="For people.")
    disabled: bool | None = Field(default=None, description="Whether it is shut out, with all its tokens.")
    instance_admin: bool | None = Field(default=None, description="Whether it may do everything, everywhere.")


class PasswordBody(StrictBody):
    """A new password."""

    new: str = Field(repr=False, description="12 characters or more.")
    old: str | None = Field(default=None, repr=False, description="The one so far, unless an admin sets it.")


class RoleBody(StrictBody):
    """What an account is in a project."""

    role: Role = Field(strict=False, description="What it may do there.")


class TokenBody(StrictBody):
    """A new token."""

    account: str | None = Field(default=None, description="Whose it shall be; yours unless given.")
    name: str = Field(default="", max_length=200, description="What it is for, for people.")
    scopes: list[Permission] | None = Field(
        default=None, strict=False, description="What it may be used for; all that its account may, unless given."
    )
    expires_in: float | None = Field(default=None, description="Seconds; 90 days unless given, 365 at most.")


class TokenRotationBody(StrictBody):
    """How to change over."""

    grace: float | None = Field(default=None, description="Seconds that the old one stays good; an hour unless given.")


class LogInBody(StrictBody):
    """Who, and how they prove it."""

    name: str
    password: str = Field(repr=False)
    token_name: str = Field(default="login", max_length=200, description="What the token is called, for people.")
