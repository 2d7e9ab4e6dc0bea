"""Serve HTTP, and nothing beside it."""

from pathlib import Path
from typing import Annotated

from .options import flag, option
from .server_side import CERT, KEY, main_of


def serve(
    *,
    data_dir: Annotated[
        Path | None, option("data-dir", help="Where the admin token is. [env: RUNYARD_DATA_DIR]")
    ] = None,
    host: Annotated[str | None, option("host", help="The address to listen on. [env: RUNYARD_LISTEN_HOST]")] = None,
    port: Annotated[int | None, option("port", help="The port; 0 takes any. [env: RUNYARD_LISTEN_PORT]")] = None,
    tls_cert: Annotated[Path | None, CERT] = None,
    tls_key: Annotated[Path | None, KEY] = None,
    json: Annotated[bool, flag("json", help="Say where it is in one line of JSON.")] = False,
) -> int:
    """Serve HTTP."""
    return main_of("serve")(data_dir=data_dir, host=host, port=port, tls_cert=tls_cert, tls_key=tls_key, json=json)
