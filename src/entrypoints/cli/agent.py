"""This machine as a runner: register it, be its agent, look, stop. The server's side is `runner`."""

import os
import sys
from pathlib import Path
from typing import Annotated

from ...domain.errors import RunyardError
from .. import agent_at_work
from ..agent.home import default_folder
from ..client.address import address_of, presentable
from ..client.errors import RunyardClientError
from .exits import CONFLICT, OK, WrongUsage
from .options import PLAIN, Output, flag, option
from .printing import as_json, tabbed
from .saying import note, plain
from .values import seconds, unseen

Folder = Annotated[
    Path | None, option("dir", metavar="DIR", help="Where the agent keeps everything. [env: RUNYARD_AGENT_DIR]")
]
TokenFile = Annotated[
    Path | None, option("token-file", metavar="FILE", help="Read the registration token from there; else it is asked.")
]


def register(
    *,
    url: Annotated[str | None, option("url", help="The server. [env: RUNYARD_URL]")] = None,
    token_file: TokenFile = None,
    ca_file: Annotated[
        str | None, option("ca-file", metavar="FILE", help="Believe certificates of these authorities only.")
    ] = None,
    dir_: Folder = None,
    output: Output = PLAIN,
) -> int:
    """Register this machine: the token is asked for, or read from standard input or a file."""
    folder, server = dir_ or default_folder(), address_of(url)
    named = ca_file or os.environ.get("RUNYARD_CA_FILE")
    authorities = str(Path(named).expanduser().absolute()) if named else ""  # the agent may start anywhere
    try:
        runner = agent_at_work.register(folder, server, _token(token_file), authorities)
    except RunyardError as refusal:
        raise _said(refusal) from refusal
    if output.json:
        as_json(runner)
    elif not output.quiet:
        note(f"this machine is runner {runner['name']!r} of {server}; start its agent with `runyard agent start`")
    return OK


def start(
    *, dir_: Folder = None, json: Annotated[bool, flag("json", help="Say that it works in one line of JSON.")] = False
) -> int:
    """Be the agent of this machine, until a signal says stop."""
    try:
        return agent_at_work.start(dir_ or default_folder(), json=json)
    except RunyardError as refusal:
        raise _said(refusal) from refusal


def status(*, dir_: Folder = None, output: Output = PLAIN) -> int:
    """Say how the agent of this machine is."""
    told = agent_at_work.status(dir_ or default_folder())
    if output.json:
        as_json(told)
    elif output.quiet:
        print(told["state"])
    else:
        for name, value in told.items():
            if value not in (None, ""):
                print(f"{name:<8}  {plain(str(value))}") if sys.stdout.isatty() else tabbed((name, value))
    return OK if told.get("pid") else CONFLICT


def stop(
    *,
    now: Annotated[bool, flag("now", help="Do not wait: what runs goes on, and the next start adopts it.")] = False,
    timeout: Annotated[
        float | None, option("timeout", metavar="TIME", converter=seconds, help="Wait so long for it to leave.")
    ] = None,
    dir_: Folder = None,
) -> int:
    """Have the agent take nothing more, and leave when what runs has ended."""
    if agent_at_work.stop(dir_ or default_folder(), now=now, timeout=timeout):
        return OK
    note("it still waits for what runs; --now leaves without waiting")
    return CONFLICT


def _token(file: Path | None) -> str:
    if file is not None:
        try:
            text = file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUsage(f"{file} cannot be read: {error}") from None
    elif named := os.environ.get("RUNYARD_REGISTRATION_TOKEN"):
        text = named
    else:
        text = unseen("Registration token: ")
    token = text.strip()
    if not token:
        raise WrongUsage("no registration token was given; `runyard runner add agent NAME` makes one")
    if not presentable(token):
        raise WrongUsage("that is no registration token: it is one line of plain letters, `ryj_…`")
    return token


def _said(refusal: RunyardError) -> RunyardClientError:
    of_kind = {"unauthenticated": 401, "conflict": 409, "invalid": 422, "unavailable": 503}
    advice = "See `runyard agent --help`."
    return RunyardClientError(
        str(refusal), code=refusal.code, advice=advice, status=of_kind.get(refusal.refusal.value, 500)
    )
