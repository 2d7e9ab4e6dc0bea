"""The projects, to which everything belongs: see them, make one."""

import sys
from collections.abc import Iterable
from typing import Literal

from ..client.projects import Project
from .options import HERE, PLAIN, Output, Server
from .printing import as_json, tabbed, table


def list_(*, output: Output = PLAIN, server: Server = HERE) -> int:
    """List projects, by name."""
    with server.connected() as client:
        found = client.projects.list()
    if output.json:
        as_json([project.raw for project in found])
    else:
        _print(found, output)
    return 0


def create(name: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Make a project.

    Parameters
    ----------
    name
        Lower-case letters, digits and '-'. It never changes.
    """
    with server.connected() as client:
        project = client.projects.create(name)
    if output.json:
        as_json(project.raw)
    else:
        _print([project], output)
    return 0


def members(name: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """List who has a role in a project.

    Parameters
    ----------
    name
        The project.
    """
    with server.connected() as client:
        found = client.projects.members(name)
    if output.json:
        as_json(found)
    else:
        for account, role in sorted(found.items()):
            tabbed((account, role))
    return 0


def grant(
    name: str, account: str, role: Literal["viewer", "submitter", "operator", "admin"], /, *, server: Server = HERE
) -> int:
    """Give an account a role in a project, in place of the one it had.

    Parameters
    ----------
    name
        The project.
    account
        The account.
    role
        What it may do there: each may do what the one before it may, and more.
    """
    with server.connected() as client:
        client.projects.set_role(name, account, role)
    return 0


def revoke(name: str, account: str, /, *, server: Server = HERE) -> int:
    """Take an account out of a project. Its jobs stay.

    Parameters
    ----------
    name
        The project.
    account
        The account.
    """
    with server.connected() as client:
        client.projects.set_role(name, account, None)
    return 0


def _print(projects: Iterable[Project], output: Output) -> None:
    rows = [(project.name, project.created_at.isoformat().replace("+00:00", "Z")) for project in projects]
    if output.quiet:
        for name, _ in rows:
            print(name)
    elif sys.stdout.isatty():
        table(("PROJECT", "CREATED"), rows, output)
    else:
        for row in rows:
            tabbed(row)
