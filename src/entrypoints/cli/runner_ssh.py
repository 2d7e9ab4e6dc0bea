"""Hosts that are reached by ssh: make one a runner, look it over."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from ..client.client import Client
from ..client.fields import SshFields, WayFields
from ..client.runners import Runner
from .exits import CONFLICT, OK, WrongUsage
from .options import HERE, PLAIN, Output, Server, flag, option
from .printing import as_json, tabbed
from .saying import note, plain
from .values import labels as pairs
from .values import text_of, unseen

_ADDRESS: Final = re.compile(r"(?P<user>[^@\s]+)@(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\s]+))(?::(?P<port>\d{1,5}))?")

Key = Annotated[
    str | None, option("key", metavar="FILE", help="Log in by this private key, which stays where it is on the server.")
]
ByAgent = Annotated[bool, flag("agent", help="Log in by the ssh-agent of the server's processes.")]
Store = Annotated[
    bool, flag("store", help="Read the file of --key here, and have the server keep the key sealed: no file is needed.")
]
ByPassword = Annotated[
    bool, flag("password", help="Log in by a password that is asked for (or read from our input), and kept sealed.")
]
HostKeys = Annotated[
    tuple[str, ...],
    option("host-key", metavar="KEY", help="Believe this key only: SHA256:… or 'ssh-ed25519 AAAA…'. May be repeated."),
]


def ssh(
    name: str,
    address: str,
    /,
    *,
    key: Key = None,
    agent: ByAgent = False,
    store: Store = False,
    password: ByPassword = False,
    host_key: HostKeys = (),
    slots: Annotated[int | None, option("slots", help="How many jobs at once; its cores, unless given.")] = None,
    queue: Annotated[tuple[str, ...], option("queue", help="Take from these only; * is all. May be repeated.")] = (),
    label: Annotated[tuple[str, ...], option("label", metavar="K=V", help="Set a label. May be repeated.")] = (),
    work_root: Annotated[
        str | None,
        option("work-root", metavar="DIR", help="Keep everything below this there; ~/.runyard unless given."),
    ] = None,
    project: Annotated[
        str | None, option("project", help="Let it belong to this project; default unless given.")
    ] = None,
    no_check: Annotated[bool, flag("no-check", help="Do not look it over: it is away just now.")] = False,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Make a host a runner.

    Parameters
    ----------
    name
        What it shall be called.
    address
        USER@HOST or USER@HOST:PORT, as seen from the server.
    """
    user, host, port = parsed_address(address)
    more: SshFields = {
        "port": port,
        "key": login(key, agent=agent, store=store, password=password),
        "check": not no_check,
    }
    if slots is not None:
        more["slots"] = slots
    if queue:
        more["queues"] = queue
    if label:
        more["labels"] = pairs(label)
    if work_root is not None:
        more["work_root"] = work_root
    if project is not None:
        more["project"] = project
    with server.connected() as client:
        keys = pinned(client, host, port, host_key)
        runner = client.runners.add_ssh(name, host=host, user=user, host_keys=keys, **more)
    if output.json:
        as_json(runner.raw)
    elif output.quiet:
        print(runner.name)
    else:
        _print_check(runner)
        note(f"runner {runner.name!r} is known; try `runyard run --runner {runner.name} -- uname -a`")
        if "*" in runner.queues:
            note("jobs that name no runner may go there too, unless it has queues of its own: --queue")
    return OK


def check(runner: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Look a host over, and keep what was found.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    with server.connected() as client:
        seen = client.runners.check(runner)
    if output.json:
        as_json(seen.checked)
    elif not output.quiet:
        _print_check(seen)
    return OK if seen.checked and seen.checked["fit"] else CONFLICT


def moved(
    client: Client, runner: Runner, *, to: str | None, key: Mapping[str, Any] | None, host_key: Sequence[str]
) -> WayFields:
    """What is different about the way there. Keys that are given take the place of all there are."""
    edit: WayFields = {}
    if to is not None:
        edit["user"], edit["host"], edit["port"] = parsed_address(to)
    if key is not None:
        edit["key"] = key
    if host_key:
        at = {**(runner.ssh or {}), **edit}
        edit["host_keys"] = pinned(client, str(at.get("host", "")), int(at.get("port", 22)), host_key)
    return edit


def parsed_address(text: str) -> tuple[str, str, int]:
    """User, host and port of `USER@HOST`, `USER@HOST:PORT` or `USER@[ADDRESS]:PORT`."""
    found = _ADDRESS.fullmatch(text)
    if not found:
        raise WrongUsage(f"{text!r} is no address; write USER@HOST or USER@HOST:PORT")
    return found["user"], found["v6"] or found["host"], int(found["port"] or 22)


def login(key: str | None, *, agent: bool, store: bool, password: bool) -> dict[str, Any]:
    """How the server logs in, as the interface says it."""
    if [key is not None, agent, password].count(True) != 1 or (store and key is None):
        raise WrongUsage(
            "say how the server logs in there: --key FILE (a private key on the server), --key FILE --store (one here, "
            "to be kept sealed), or --agent; or --password, where the server allows that"
        )
    if agent:
        return {"agent": True}
    if key is None:
        return {"password": unseen("Password: ")}
    if store:
        return {"private": text_of(key, "--key")}
    return {"file": os.path.abspath(Path(key).expanduser())}  # noqa: PTH100 - keeps the links the caller came through


def pinned(client: Client, host: str, port: int, given: Sequence[str]) -> list[str]:
    """The keys to believe: those given, or the one the host shows if somebody who knows it says that it is right."""
    whole = [each for each in given if not each.startswith("SHA256:")]
    prints = {each for each in given if each.startswith("SHA256:")}
    if given and not prints:
        return whole
    shown = client.runners.host_key(host, port)
    if prints:
        if shown["fingerprint"] not in prints:
            raise WrongUsage(f"{host} shows {shown['type']} {shown['fingerprint']}, which is none of those given")
        return [*whole, str(shown["key"])]
    note(f"{host} shows the host key {shown['type']} {shown['fingerprint']}")
    note("compare it with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` says on the host itself")
    if not sys.stdin.isatty():
        raise WrongUsage(
            f"nobody is here to confirm the host's key; if it is right, give --host-key {shown['fingerprint']}"
        )
    print("Is it the same? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise WrongUsage("nothing was done: the host's key was not confirmed")
    return [str(shown["key"])]


def _print_check(runner: Runner) -> None:
    for finding in runner.checked["findings"] if runner.checked else ():
        cells = (finding["verdict"], finding["name"], finding["told"])
        if sys.stdout.isatty():
            print(f"{cells[0]:<8}  {cells[1]:<12}  {plain(cells[2])}")
        else:
            tabbed(cells)
