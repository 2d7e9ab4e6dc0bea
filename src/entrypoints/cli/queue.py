"""The queues in which jobs wait: see them, pause and resume them."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from ..client.queues import Queue
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json, span, tabbed, table
from .saying import note as say
from .saying import plain
from .values import moment, project_of, seconds

OfProject = Annotated[str | None, option("project", help="Only of this project.")]
Project = Annotated[str | None, option("project", help="Whose queue it is; else default. [env: RUNYARD_PROJECT]")]


def list_(*, project: OfProject = None, output: Output = PLAIN, server: Server = HERE) -> int:
    """List the queues in which something waits and those that are paused, by project and name."""
    with server.connected() as client:
        found = client.queues.list(project=project)
    if output.json:
        as_json([queue.raw for queue in found])
    else:
        _print(found, output)
    return 0


def pause(
    queue: str,
    /,
    *,
    project: Project = None,
    reason: Annotated[str | None, option("reason", help="Why, for people.")] = None,
    for_: Annotated[
        float | None, option("for", metavar="TIME", converter=seconds, help="So long: 90, 5m, 1h30m.")
    ] = None,
    until: Annotated[datetime | None, option("until", metavar="TIME", converter=moment, help="A moment.")] = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Let the jobs of a queue wait, until then or until it is resumed.

    Parameters
    ----------
    queue
        Its name.
    """
    with server.connected() as client:
        _one(client.queues.pause(queue, project=project_of(project), reason=reason, seconds=for_, until=until), output)
    return 0


def resume(queue: str, /, *, project: Project = None, output: Output = PLAIN, server: Server = HERE) -> int:
    """Let the jobs of a queue start again.

    Parameters
    ----------
    queue
        Its name.
    """
    with server.connected() as client:
        _one(client.queues.resume(queue, project=project_of(project)), output)
    return 0


def _one(queue: Queue, output: Output) -> None:
    if output.json:
        as_json(queue.raw)
    else:
        _print([queue], output)


def _print(queues: Iterable[Queue], output: Output) -> None:
    now = datetime.now(UTC)
    if output.quiet:
        for queue in queues:
            print(queue.name)
    elif sys.stdout.isatty():
        rows = [
            (
                plain(queue.project),
                plain(queue.name),
                "paused" if queue.paused else "open",
                span((queue.until - now).total_seconds()) if queue.until else "",
                str(queue.waiting),
                span((now - queue.oldest_at).total_seconds()) if queue.oldest_at else "",
                plain(queue.reason or ""),
            )
            for queue in queues
        ]
        if rows:
            table(("PROJECT", "QUEUE", "STATE", "FOR", "WAITING", "OLDEST", "REASON"), rows, output)
        else:
            say("none")
    else:
        for queue in queues:
            moments = (at.isoformat().replace("+00:00", "Z") if at else None for at in (queue.oldest_at, queue.until))
            tabbed(
                (queue.name, "paused" if queue.paused else "open", queue.waiting, *moments, queue.reason, queue.project)
            )
