"""Start everything in one process."""

from pathlib import Path
from typing import Annotated

from .options import flag, option
from .server_side import CERT, KEY, main_of


def up(
    *,
    data_dir: Annotated[Path | None, option("data-dir", help="Where the data is; else the XDG state folder.")] = None,
    port: Annotated[int | None, option("port", help="The port on this machine; 0 takes a free one.")] = None,
    slots: Annotated[int | None, option("slots", help="How many jobs at once; else one per core.")] = None,
    tls_cert: Annotated[Path | None, CERT] = None,
    tls_key: Annotated[Path | None, KEY] = None,
    json: Annotated[bool, flag("json", help="Say where it is in one line of JSON.")] = False,
) -> int:
    """Start a whole Runyard on this machine."""
    return main_of("up")(data_dir=data_dir, port=port, slots=slots, tls_cert=tls_cert, tls_key=tls_key, json=json)
