"""The projects, to which everything belongs: see them, make one, limit it, let people in."""

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal

from ..client.projects import LimitFields, Project, ProjectLimits
from .exits import WrongUsage
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json, tabbed, table
from .saying import plain
from .values import limit as limit_of

_KINDS: Final = ("queued", "running", "submissions_per_minute")
_MEANT: Final = {"none": 0, "usual": None}
_LIMIT: Final[dict[str, Any]] = {"metavar": "N|none|usual", "converter": limit_of}


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


def show(name: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Show one project.

    Parameters
    ----------
    name
        The project.
    """
    with server.connected() as client:
        _show(client.projects.get(name), output)
    return 0


def limit(
    name: str,
    /,
    *,
    owner: Annotated[str | None, option("owner", help="Of this owner in the project; * is each of them.")] = None,
    queued: Annotated[int | str | None, option("queued", help="How many jobs may wait.", **_LIMIT)] = None,
    running: Annotated[int | str | None, option("running", help="How many may run.", **_LIMIT)] = None,
    per_minute: Annotated[
        int | str | None, option("per-minute", help="How many may be submitted in a minute.", **_LIMIT)
    ] = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Limit a project, or the owners in it.

    Parameters
    ----------
    name
        The project.
    """
    typed = dict(zip(_KINDS, (queued, running, per_minute), strict=True))
    if not any(value is not None for value in typed.values()):
        raise WrongUsage("there is nothing to change; give --queued, --running or --per-minute")
    changes: Any = {
        kind: _MEANT[value] if isinstance(value, str) else value for kind, value in typed.items() if value is not None
    }
    limits: LimitFields = changes
    with server.connected() as client:
        client.projects.limit(name, owner=owner, **limits)
        _show(client.projects.get(name), output)
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


def _show(project: Project, output: Output) -> None:
    if output.json:
        as_json(project.raw)
    elif output.quiet:
        print(project.name)
    elif sys.stdout.isatty():
        rows = [[plain("" if cell is None else str(cell)) for cell in row] for row in _limits(project)]
        table(("LIMITS OF", "LIMIT", "SET", "HOLDS", "USED"), rows, output)
    else:
        for row in _limits(project):
            tabbed(row)


def _limits(project: Project) -> Iterator[tuple[str, str, int | str | None, int | None, int | None]]:
    for each in project.limits:
        used = {"queued": each.queued, "running": each.running}
        for kind in _KINDS:
            was = each.set[kind]
            yield _whose(each), kind, "none" if was == 0 else was, each.in_force[kind], used.get(kind)


def _whose(limits: ProjectLimits) -> str:
    if limits.owner is None:
        return "project"
    return limits.owner if limits.owner == "*" else f"owner {limits.owner}"


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
