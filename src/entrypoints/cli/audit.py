"""The audit trail: who did what to what."""

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from ..client.audit import AuditEntry, AuditMeant
from .exits import WrongUsage
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json, in_a_cell, tabbed, table
from .saying import note, plain
from .values import moment

Actor = Annotated[str | None, option("actor", help="Only what this account did, or was refused.")]
Action = Annotated[str | None, option("action", help="Only this, as in cordon_runner; or a permission.")]
Resource = Annotated[
    str | None, option("resource", metavar="KIND[:NAME]", help="Only what was done to it: runner, runner:build1.")
]
OfProject = Annotated[str | None, option("project", help="Only what was done in this project.")]
Outcome = Annotated[
    Literal["done", "refused"] | None, option("outcome", help="Only what was done, or only what was refused.")
]
Since = Annotated[datetime | None, option("since", metavar="TIME", converter=moment, help="Only from then on.")]
Until = Annotated[datetime | None, option("until", metavar="TIME", converter=moment, help="Only from before then.")]


def list_(
    *,
    actor: Actor = None,
    action: Action = None,
    resource: Resource = None,
    project: OfProject = None,
    outcome: Outcome = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, option("limit", help="At most so many, newest first; 50 unless given.")] = 50,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """List who did what to what, newest first."""
    if limit < 1:
        raise WrongUsage("--limit must be 1 or more")
    said: dict[str, Any] = {"actor": actor, "action": action, "resource": resource, "project": project}
    said |= {"outcome": outcome, "since": since, "until": until}
    which = cast("AuditMeant", {name: value for name, value in said.items() if value is not None})
    with server.connected() as client:
        found = list(client.audit(limit=limit, **which))
    if output.json:
        as_json([entry.raw for entry in found])
    else:
        _print(found, output)
    return 0


def _print(entries: Iterable[AuditEntry], output: Output) -> None:
    if output.quiet:
        for entry in entries:
            print(entry.id)
    elif sys.stdout.isatty():
        rows = [
            (
                f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}",
                plain(entry.actor or "?"),
                entry.action if entry.outcome == "done" else plain(f"{entry.action} ({entry.outcome}: {entry.reason})"),
                plain(entry.resource),
                plain(entry.project or ""),
                plain(entry.address),
                plain(_changes(entry)),
            )
            for entry in entries
        ]
        if rows:
            table(("WHEN", "WHO", "DID", "TO", "PROJECT", "FROM", "CHANGES"), rows, output)
        else:
            note("none")
    else:
        for entry in entries:
            at = entry.at.isoformat().replace("+00:00", "Z")
            differences = (in_a_cell(each) for each in (entry.before, entry.after))
            tabbed(
                (
                    *(entry.id, at, entry.actor, entry.address, entry.action, entry.resource),
                    *(entry.project, entry.outcome, entry.reason, *differences),
                )
            )


def _changes(entry: AuditEntry) -> str:
    names = sorted({*entry.before, *entry.after})
    return ", ".join(f"{name}: {_short(entry.before.get(name))} → {_short(entry.after.get(name))}" for name in names)


def _short(value: Any) -> str:
    return "-" if value is None else " ".join(map(str, value)) if isinstance(value, list) else str(value)
