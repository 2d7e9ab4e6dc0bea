"""The accounts of people and programs."""

import sys
from collections.abc import Iterable
from typing import Annotated, Literal

from ..client.accounts import Account
from .exits import WrongUsage
from .options import HERE, PLAIN, Output, Server, flag, option
from .printing import as_json, tabbed, table
from .saying import plain
from .values import unseen

Email = Annotated[str | None, option("email", help="An address, for people.")]


def list_(*, output: Output = PLAIN, server: Server = HERE) -> int:
    """List accounts, by name."""
    with server.connected() as client:
        found = client.accounts.list()
    if output.json:
        as_json([account.raw for account in found])
    else:
        _print(found, output)
    return 0


def create(
    name: str,
    /,
    *,
    kind: Annotated[Literal["user", "service"], option("kind", help="A person, or a program: service.")] = "user",
    email: Email = None,
    password: Annotated[bool, flag("password", help="Ask for a password, or read it from standard input.")] = False,
    instance_admin: Annotated[bool, flag("instance-admin", help="It may do everything, everywhere.")] = False,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Make an account. It has no role yet: see `runyard project grant`.

    Parameters
    ----------
    name
        Lower-case letters, digits, '.', '_' and '-'. It never changes.
    """
    secret = _password() if password else None
    with server.connected() as client:
        made = client.accounts.create(name, kind=kind, email=email, password=secret, instance_admin=instance_admin)
    _one(made, output)
    return 0


def disable(name: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Shut an account out, with all its tokens, within seconds.

    Parameters
    ----------
    name
        Its name.
    """
    with server.connected() as client:
        _one(client.accounts.edit(name, disabled=True), output)
    return 0


def enable(name: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Let an account in again.

    Parameters
    ----------
    name
        Its name.
    """
    with server.connected() as client:
        _one(client.accounts.edit(name, disabled=False), output)
    return 0


def password(name: str, /, *, server: Server = HERE) -> int:
    """Set a password: asked for, or the first line of standard input.

    Parameters
    ----------
    name
        Whose. One's own needs the old one, on the second line.
    """
    with server.connected() as client:
        own = client.accounts.me()["name"] == name
        new = _password()
        client.accounts.set_password(name, new, old=_password("Old password: ") if own else None)
    return 0


def _password(question: str = "Password: ") -> str:
    text = unseen(question)
    if not text:
        raise WrongUsage("there was no password on standard input")
    return text


def _one(account: Account, output: Output) -> None:
    if output.json:
        as_json(account.raw)
    else:
        _print([account], output)


def _print(accounts: Iterable[Account], output: Output) -> None:
    rows = [
        (
            account.name,
            account.kind,
            "disabled" if account.disabled_at else "admin" if account.instance_admin else "",
            " ".join(f"{project}={role}" for project, role in sorted(account.roles.items())),
            plain(account.email or ""),
        )
        for account in accounts
    ]
    if output.quiet:
        for row in rows:
            print(row[0])
    elif sys.stdout.isatty():
        table(("NAME", "KIND", "IS", "ROLES", "E-MAIL"), rows, output)
    else:
        for row in rows:
            tabbed(row)
