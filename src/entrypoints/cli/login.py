"""Log in and out, and ask who one is."""

import getpass
import sys
from typing import Annotated

from ..client.address import Wanted, address_of
from ..client.api import Api
from ..client.client import connect
from ..client.logins import forget_login, keep_login
from .exits import OK, WrongUsage
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json
from .saying import note

Name = Annotated[str | None, option("name", help="Log in with a password, as this account.")]


def login(*, name: Name = None, server: Server = HERE) -> int:
    """Keep a token for a server: asked for, or read from standard input."""
    url = address_of(server.url)
    said = _asked("Token: " if name is None else f"Password of {name}: ")
    token = said if name is None else _by_password(url, name, said)
    with connect(url, token=token) as client:
        me = client.accounts.me()
    path = keep_login(url, token)
    note(f"logged in to {url} as {me['name']}; the token is kept in {path}")
    return OK


def logout(*, server: Server = HERE) -> int:
    """Forget the token that was kept for a server. It stays good: revoke it if it should not be."""
    url = address_of(server.url)
    note(f"logged out of {url}" if forget_login(url) else f"there was no login for {url}")
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


def _by_password(url: str, name: str, password: str) -> str:
    api = Api(Wanted(url=url, token="none"))  # noqa: S106 - there is none yet
    try:
        text: str = api.call("POST", "login", body={"name": name, "password": password, "token_name": "runyard login"})[
            "text"
        ]
    finally:
        api.close()
    return text


def _asked(question: str) -> str:
    """What is typed unseen, or the first line of standard input. Never an argument: others could read it."""
    text = getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()
    if not text.strip():
        raise WrongUsage("there was nothing to log in with on standard input")
    return text.strip()
