"""Accounts and tokens of a server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote

from .api import Api

_MOMENTS: Final = frozenset({"created_at", "disabled_at", "expires_at", "revoked_at", "last_used_at"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as the server last described it; `raw` is that description, whole."""

    id: str
    name: str
    kind: str
    instance_admin: bool
    created_at: datetime
    email: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    disabled_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The account in a view; fields this version does not know stay in `raw`."""
        return cls(**_known(cls, view), raw=view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as the server last described it. `text` is there once, when it is new; it does not print."""

    id: str
    account: str
    name: str
    created_at: datetime
    expires_at: datetime
    scopes: Sequence[str] | None = None
    revoked_at: datetime | None = None
    replaced_by: str | None = None
    last_used_at: datetime | None = None
    text: str | None = field(default=None, repr=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """The token in a view; fields this version does not know stay in `raw`."""
        return cls(**_known(cls, view), raw=view)


class Accounts:
    """The accounts of a server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def me(self) -> Mapping[str, Any]:
        """Whose token this is, and what may be done with it."""
        found: Mapping[str, Any] = self._api.call("GET", "me")
        return found

    def list(self) -> tuple[Account, ...]:
        """All of them, by name."""
        return tuple(Account.of(view) for view in self._api.call("GET", "accounts")["items"])

    def get(self, name: str) -> Account:
        """The account of this name."""
        return Account.of(self._api.call("GET", _at(name)))

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
        given = {"name": name, "kind": kind, "email": email, "password": password, "instance_admin": instance_admin}
        return Account.of(self._api.call("POST", "accounts", body=_said(given)))

    def edit(
        self,
        name: str,
        *,
        email: str | None = None,
        disabled: bool | None = None,
        instance_admin: bool | None = None,
    ) -> Account:
        """Change what is given."""
        given = {"email": email, "disabled": disabled, "instance_admin": instance_admin}
        return Account.of(self._api.call("PATCH", _at(name), body=_said(given)))

    def set_password(self, name: str, new: str, *, old: str | None = None) -> None:
        """Set it; one's own needs the old one."""
        with self._api.stream("POST", f"{_at(name)}/password", body=_said({"new": new, "old": old})):
            pass


class Tokens:
    """The tokens of a server, as far as the caller may see them."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, account: str | None = None) -> tuple[Token, ...]:
        """One's own, or those of an account."""
        found = self._api.call("GET", "tokens", params=None if account is None else {"account": account})
        return tuple(Token.of(view) for view in found["items"])

    def create(
        self,
        *,
        account: str | None = None,
        name: str = "",
        scopes: Sequence[str] | None = None,
        expires_in: float | None = None,
    ) -> Token:
        """A new token; its `text` is seen here and never again."""
        given = {"account": account, "name": name, "expires_in": expires_in}
        body = _said({**given, "scopes": None if scopes is None else [*scopes]})
        return Token.of(self._api.call("POST", "tokens", body=body))

    def rotate(self, token_id: str, *, grace: float | None = None) -> Token:
        """A successor; the old one stays good for so many seconds, an hour unless given."""
        path = f"tokens/{quote(token_id, safe='')}/rotate"
        return Token.of(self._api.call("POST", path, body=_said({"grace": grace}) or None))

    def revoke(self, token_id: str) -> None:
        """Good no more, everywhere, within five seconds."""
        with self._api.stream("POST", f"tokens/{quote(token_id, safe='')}/revoke"):
            pass


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _at(name: str) -> str:
    return f"accounts/{quote(name, safe='')}"


def _known(cls: type, view: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(cls)} - {"raw"}
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and value is not None else value
        for name, value in view.items()
        if name in names
    }
