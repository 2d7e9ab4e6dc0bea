"""Log in and out, and ask who one is."""

import sys
from typing import Annotated, Final

from ..client.address import Wanted, address_of
from ..client.api import Api
from ..client.client import Client, connect
from ..client.errors import RunyardClientError
from ..client.logins import forget_login, keep_login, token_for
from .exits import OK, WrongUsage
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json
from .saying import note
from .values import unseen

_OURS: Final = "runyard login"
"""What the tokens are called that we make from a password."""

Name = Annotated[str | None, option("name", help="Log in with a password, as this account.")]


def login(*, name: Name = None, server: Server = HERE) -> int:
    """Keep a token for a server: asked for, or read from standard input or a file."""
    if name is not None and server.token_file is not None:
        raise WrongUsage("--name logs in with a password, and --token-file with a token; leave one of them out")
    url = address_of(server.url)
    if server.token_file is not None:
        token = Wanted(url=url, token_file=server.token_file).address().token
    else:
        token = _asked("Token: ").strip() if name is None else _asked(f"Password of {name}: ")
    if name is not None:
        nobody = Wanted(url=url, token="none", ca_file=server.ca_file)  # noqa: S106 - there is none yet
        token = _by_password(nobody, name, token)
    with connect(url, token=token, ca_file=server.ca_file) as client:
        me = client.accounts.me()
    path = keep_login(url, token)
    note(f"logged in to {url} as {me['name']}; the token is kept in {path}")
    return OK


def logout(*, server: Server = HERE) -> int:
    """Forget the token that was kept for a server, and revoke it if `login --name` made it."""
    url = address_of(server.url)
    token = token_for(url)
    if token is None:
        note(f"there was no login for {url}")
        return OK
    try:
        with connect(url, token=token, ca_file=server.ca_file) as client:
            revoked = _revoked(client, token)
    except RunyardClientError as error:
        revoked = error.status == 401  # it opened nothing any more
        if not revoked:
            note(f"the token was not revoked: {error}")
    forget_login(url)
    note(f"logged out of {url}; its token {'opens nothing any more' if revoked else 'stays good'}")
    return OK


def whoami(*, output: Output = PLAIN, server: Server = HERE) -> int:
    """Say whose token is used, and what it may do."""
    with server.connected() as client:
        me = client.accounts.me()
    if output.json:
        as_json(me)
    elif output.quiet or not sys.stdout.isatty():
        print(me["name"])
    else:
        everything = ["may do everything, everywhere"] if me["instance_admin"] else []
        roles = [f"{role} in {project}" for project, role in me["roles"].items()]
        print(f"{me['name']}: {', '.join([*everything, *roles]) or 'no role anywhere yet'}")
    return OK


def _by_password(wanted: Wanted, name: str, password: str) -> str:
    api = Api(wanted)
    try:
        asked = {"name": name, "password": password, "token_name": _OURS}
        text: str = api.call("POST", "login", body=asked)["text"]
    finally:
        api.close()
    return text


def _revoked(client: Client, token: str) -> bool:
    """Whether it was one that a login made, which nobody else has; it ends with it."""
    ours = [each.id for each in client.tokens.list() if each.name == _OURS and f"_{each.id}_" in token]
    for token_id in ours:
        client.tokens.revoke(token_id)
    return bool(ours)


def _asked(question: str) -> str:
    text = unseen(question)
    if not text.strip():
        raise WrongUsage("there was nothing to log in with on standard input")
    return text
