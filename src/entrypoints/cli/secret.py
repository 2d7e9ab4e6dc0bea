"""Secrets: set, list and remove them; rotate the key they are sealed under."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from ..client.secrets import Secret
from .options import HERE, PLAIN, Output, Server, flag, option
from .printing import as_json, span, tabbed, table
from .saying import note, plain
from .values import project_of, text_of, unseen

Project = Annotated[str | None, option("project", help="Whose it is; else default. [env: RUNYARD_PROJECT]")]


def list_(*, project: Project = None, output: Output = PLAIN, server: Server = HERE) -> int:
    """List names, versions, by whom and when; never values."""
    with server.connected() as client:
        found = client.secrets.list(project=project_of(project))
    if output.json:
        as_json([secret.raw for secret in found])
    else:
        _print(found, output)
    return 0


def set_(
    name: str,
    /,
    *,
    file: Annotated[
        str,
        option("file", metavar="FILE|-", allow_leading_hyphen=True, help="Where the value is; our input unless given."),
    ] = "-",
    project: Project = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Set a secret. A terminal is asked for the value, and does not show it.

    Parameters
    ----------
    name
        Its name.
    """
    if file == "-" and sys.stdin.isatty():
        value = unseen(f"Value of {name}: ")
    else:
        value = _without_line_end(text_of(file, "--file"))
    with server.connected() as client:
        _one(client.secrets.set(name, value, project=project_of(project)), output)
    return 0


def remove(name: str, /, *, project: Project = None, server: Server = HERE) -> int:
    """Remove a secret, and its value with it.

    Parameters
    ----------
    name
        Its name.
    """
    with server.connected() as client:
        client.secrets.remove(name, project=project_of(project))
    return 0


def rotate_key(
    *,
    new_key: Annotated[bool, flag("new-key", help="Make a key first; `runyard up` keeps its own keys.")] = False,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Seal everything anew under the newest key."""
    with server.connected() as client:
        done = client.secrets.rotate_key(renew=new_key)
    if output.json:
        as_json(done.raw)
    else:
        tabbed((done.key, done.resealed, len(done.unopened), " ".join(done.unused_keys)))
    for said in done.unopened:
        note(said)
    return 1 if done.unopened else 0


def _without_line_end(text: str) -> str:
    """`echo` and editors end a line that is no part of the value; texts of several lines stay as they are."""
    line = text.removesuffix("\n").removesuffix("\r")
    return text if "\n" in line else line


def _one(secret: Secret, output: Output) -> None:
    if output.json:
        as_json(secret.raw)
    else:
        _print([secret], output)


def _print(secrets: Iterable[Secret], output: Output) -> None:
    now = datetime.now(UTC)
    if output.quiet:
        for secret in secrets:
            print(secret.name)
    elif sys.stdout.isatty():
        rows = [
            (plain(each.name), str(each.version), span((now - each.set_at).total_seconds()), plain(each.set_by))
            for each in secrets
        ]
        if rows:
            table(("SECRET", "VERSION", "AGE", "BY"), rows, output)
        else:
            note("none")
    else:
        for secret in secrets:
            tabbed((secret.name, secret.version, secret.set_at.isoformat().replace("+00:00", "Z"), secret.set_by))
