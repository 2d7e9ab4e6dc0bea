"""Machines that come and fetch their work: make one a runner, invite it again, shut it out."""

from typing import Annotated

from ..client.fields import AgentFields
from ..client.runners import Registration
from .exits import OK
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json
from .runner_facts import iso
from .saying import note
from .values import labels as pairs
from .values import seconds

Life = Annotated[
    float | None,
    option("expires-in", metavar="TIME", converter=seconds, help="The token is good so long; 1h unless given."),
]


def agent(
    name: str,
    /,
    *,
    slots: Annotated[int | None, option("slots", help="How many jobs at once; 1 unless given.")] = None,
    queue: Annotated[tuple[str, ...], option("queue", help="Take from these only; * is all. May be repeated.")] = (),
    label: Annotated[tuple[str, ...], option("label", metavar="K=V", help="Set a label. May be repeated.")] = (),
    owner: Annotated[
        tuple[str, ...], option("owner", help="Take jobs of these owners only; * is all. May be repeated.")
    ] = (),
    project: Annotated[
        str | None, option("project", help="Let it belong to this project; default unless given.")
    ] = None,
    expires_in: Life = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Make a machine a runner that will come and fetch its work.

    Parameters
    ----------
    name
        What it shall be called.
    """
    more: AgentFields = {}
    if slots is not None:
        more["slots"] = slots
    if queue:
        more["queues"] = queue
    if label:
        more["labels"] = pairs(label)
    if owner:
        more["owners"] = owner
    if project is not None:
        more["project"] = project
    if expires_in is not None:
        more["expires_in"] = expires_in
    with server.connected() as client:
        runner, registration = client.runners.add_agent(name, **more)
        url = client.url
    if output.json:
        as_json({"runner": runner.raw, "registration": _plain(registration)})
    else:
        _tell(registration, url, output)
    return OK


def token(runner: str, /, *, expires_in: Life = None, output: Output = PLAIN, server: Server = HERE) -> int:
    """Make a new token for an agent's machine to register with.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    with server.connected() as client:
        registration = client.runners.invite(runner, expires_in=expires_in)
        url = client.url
    if output.json:
        as_json(_plain(registration))
    else:
        _tell(registration, url, output)
    return OK


def revoke(runner: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Make all tokens of an agent good no more.

    Parameters
    ----------
    runner
        Its name or its id.
    """
    with server.connected() as client:
        revoked = client.runners.revoke(runner)
    if output.json:
        as_json({"revoked": revoked})
    elif not output.quiet:
        note(f"{revoked} token{'' if revoked == 1 else 's'} revoked")
    return OK


def _tell(registration: Registration, url: str, output: Output) -> None:
    print(registration.token)
    if not output.quiet:
        note(f"good until {iso(registration.expires_at)}, for one machine; it is not shown again. There, run:")
        note(f"runyard agent register --url {url}    and give it the token when it asks")


def _plain(registration: Registration) -> dict[str, str | None]:
    return {"token": registration.token, "expires_at": iso(registration.expires_at)}
