"""What happened to a runner."""

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from ..client.runner_events import RunnerEvent
from .exits import WrongUsage
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json, in_a_cell, tabbed, table
from .saying import note, plain


def events(
    runner: str,
    /,
    *,
    limit: Annotated[int, option("limit", help="At most so many, newest first; 50 unless given.")] = 50,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """List what happened to a runner, newest first.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    if limit < 1:
        raise WrongUsage("--limit must be 1 or more")
    with server.connected() as client:
        found = list(client.runners.events(runner, limit=limit))
    if output.json:
        as_json([event.raw for event in found])
    elif sys.stdout.isatty() and not output.quiet:
        _print(found, output)
    else:
        for event in found:
            at = event.at.isoformat().replace("+00:00", "Z")
            tabbed((event.id,) if output.quiet else (event.id, at, event.kind, event.by, in_a_cell(event.details)))
    return 0


def _print(found: Sequence[RunnerEvent], output: Output) -> None:
    rows = [
        (f"{event.at.astimezone():%Y-%m-%d %H:%M:%S}", event.kind, plain(event.by or ""), plain(_told(event.details)))
        for event in found
    ]
    if rows:
        table(("WHEN", "WHAT", "BY", "DETAILS"), rows, output)
    else:
        note("none")


def _told(details: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in details.items())
