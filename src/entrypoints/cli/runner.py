"""The machines that take jobs: see them, edit them, close and open them."""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated

from ..client.client import Client
from ..client.runners import Runner
from .exits import WrongUsage
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json, span, tabbed, table
from .runner_facts import facts, iso, labelled
from .runner_ssh import ByAgent, ByPassword, HostKeys, Key, Store, login, moved
from .saying import note as say
from .saying import plain
from .values import labels as pairs
from .values import moment, seconds

Note = Annotated[str | None, option("note", help="Why, for people.")]
For = Annotated[float | None, option("for", metavar="TIME", converter=seconds, help="So long: seconds, or 5m, 1h30m.")]
Until = Annotated[datetime | None, option("until", metavar="TIME", converter=moment, help="2030-01-31T12:00:00Z")]
Within = Annotated[
    float | None, option("within", metavar="TIME", converter=seconds, help="Cancel what still runs after that.")
]


def list_(*, output: Output = PLAIN, server: Server = HERE) -> int:
    """List runners, by name."""
    with server.connected() as client:
        _print(client.runners.list(), output)
    return 0


def show(runner: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Show one runner.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    return _done(server, output, lambda client: client.runners.get(runner), whole=True)


def edit(
    runner: str,
    /,
    *,
    slots: Annotated[int | None, option("slots", help="How many jobs at once; fewer end nothing that runs.")] = None,
    queue: Annotated[tuple[str, ...], option("queue", help="Take from these only; * is all. May be repeated.")] = (),
    label: Annotated[tuple[str, ...], option("label", metavar="K=V", help="Set a label. May be repeated.")] = (),
    no_label: Annotated[tuple[str, ...], option("no-label", metavar="K", help="Drop one. May be repeated.")] = (),
    share: Annotated[
        tuple[str, ...], option("share", metavar="PROJECT", help="Let it be used; * is every project. May be repeated.")
    ] = (),
    unshare: Annotated[tuple[str, ...], option("unshare", metavar="PROJECT", help="No longer. May be repeated.")] = (),
    owner: Annotated[
        tuple[str, ...], option("owner", help="Take jobs of these owners only; * is all. May be repeated.")
    ] = (),
    to: Annotated[str | None, option("to", metavar="USER@HOST", help="Reach it there from now on.")] = None,
    key: Key = None,
    agent: ByAgent = False,
    store: Store = False,
    password: ByPassword = False,
    host_key: HostKeys = (),
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Edit a runner; edits outlive restarts.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    by = login(key, agent=agent, store=store, password=password) if key or agent or store or password else None
    asked = label or no_label or share or unshare or to or by or host_key
    if slots is None and not (queue or owner or asked):
        raise WrongUsage("there is nothing to change; give --slots, --queue, --label, --share, --to, or another option")

    def edited(client: Client) -> Runner:
        if not asked:
            return client.runners.edit(runner, slots=slots, queues=queue or None, owners=owner or None)
        seen = client.runners.get(runner)
        kept = {name: value for name, value in seen.labels.items() if name not in no_label}
        return client.runners.edit(
            runner,
            slots=slots,
            queues=queue or None,
            labels={**kept, **pairs(label)} if label or no_label else None,
            shared_with=sorted({*seen.shared_with, *share} - {*unshare}) if share or unshare else None,
            owners=owner or None,
            revision=seen.revision,
            **moved(client, seen, to=to, key=by, host_key=host_key),
        )

    return _done(server, output, edited)


def cordon(runner: str, /, *, note: Note = None, output: Output = PLAIN, server: Server = HERE) -> int:
    """Give a runner no new work until it is uncordoned.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    return _done(server, output, lambda client: client.runners.cordon(runner, note=note))


def uncordon(runner: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Give a runner new work again, whether it was cordoned, paused or draining.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    return _done(server, output, lambda client: client.runners.uncordon(runner))


def pause(
    runner: str,
    /,
    *,
    for_: For = None,
    until: Until = None,
    note: Note = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Give a runner no new work for a while.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    if for_ is None and until is None:
        raise WrongUsage("a pause ends by itself: give --for or --until, or use `runyard runner cordon`")
    return _done(server, output, lambda client: client.runners.pause(runner, seconds=for_, until=until, note=note))


def drain(
    runner: str,
    /,
    *,
    within: Within = None,
    until: Until = None,
    note: Note = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Give a runner no new work; what runs may finish, by a deadline if one is given.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    return _done(server, output, lambda client: client.runners.drain(runner, seconds=within, until=until, note=note))


def remove(runner: str, /, *, server: Server = HERE) -> int:
    """Forget a runner that nobody drives and where nothing lives.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    with server.connected() as client:
        client.runners.remove(runner)
    return 0


def _done(server: Server, output: Output, act: Callable[[Client], Runner], *, whole: bool = False) -> int:
    with server.connected() as client:
        runner = act(client)
    if output.json:
        as_json(runner.raw)
    elif whole and not output.quiet:
        for name, value in facts(runner):
            print(f"{name:<12}  {plain(str(value))}") if sys.stdout.isatty() else tabbed((name, value))
    else:
        _print([runner], output)
    return 0


def _print(runners: Iterable[Runner], output: Output) -> None:
    if output.json:
        as_json([runner.raw for runner in runners])
    elif output.quiet:
        for runner in runners:
            print(runner.name)
    elif sys.stdout.isatty():
        rows = [_row(runner) for runner in runners]
        if rows:
            table(("NAME", "KIND", "STATE", "WORK", "SLOTS", "QUEUES", "LABELS", "HEARD", "NOTE"), rows, output)
        else:
            say("none")
    else:
        for runner in runners:
            cells = (runner.name, runner.kind, runner.state, runner.availability, runner.busy, runner.slots)
            tabbed((*cells, ",".join(runner.queues), labelled(runner), iso(runner.until), runner.note))


def _row(runner: Runner) -> tuple[str, ...]:
    now = datetime.now(UTC)
    left = f" ({span((runner.until - now).total_seconds())})" if runner.until and not runner.drained else ""
    return (
        plain(runner.name),
        runner.kind,
        runner.state,
        "drained" if runner.drained else f"{runner.availability}{left}",
        f"{runner.busy}/{runner.slots}",
        plain(",".join(runner.queues)),
        plain(labelled(runner)),
        f"{span((now - runner.heard_at).total_seconds())} ago" if runner.heard_at else "never",
        plain(runner.note or ""),
    )
