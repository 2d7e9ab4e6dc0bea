"""Say which versions are here."""

import sys

from ... import __version__
from ..client.errors import RunyardClientError
from .options import HERE, PLAIN, Output, Server
from .printing import as_json, tabbed


def version(*, output: Output = PLAIN, server: Server = HERE) -> int:
    """Say the version of this client, and of the server when one answers."""
    url: str | None = None
    served: str | None = None
    try:
        with server.connected() as client:
            url = client.url
            served = client.server_version()
    except RunyardClientError as error:
        why = str(error)
    else:
        why = ""
    if output.json:
        as_json({"client": __version__, "server": served, "url": url})
    elif output.quiet:
        print(__version__)
    elif sys.stdout.isatty():
        print(f"runyard {__version__}")
        print(f"server {served} at {url}" if served else f"no server: {why}")
    else:
        tabbed(("client", __version__))
        if served:
            tabbed(("server", served, url))
    return 0
