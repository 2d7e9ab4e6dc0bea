"""Start everything in one process."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Protocol, cast

from ..client.errors import RunyardClientError
from .options import flag, option


class _Up(Protocol):
    def __call__(self, *, data_dir: Path | None, port: int | None, slots: int | None, json: bool) -> int: ...


def up(
    *,
    data_dir: Annotated[Path | None, option("data-dir", help="Where the data is; else the XDG state folder.")] = None,
    port: Annotated[int | None, option("port", help="The port on this machine; 0 takes a free one.")] = None,
    slots: Annotated[int | None, option("slots", help="How many jobs at once; else one per core.")] = None,
    json: Annotated[bool, flag("json", help="Say where it is in one line of JSON.")] = False,
) -> int:
    """Start a whole Runyard on this machine."""
    if find_spec("litestar") is None or find_spec("sqlalchemy") is None:
        advice = "Install runyard[server]."
        raise RunyardClientError("this is the client alone; it cannot serve", code="client-only", advice=advice)
    main = cast("_Up", import_module("..up", __package__).main)  # by name: the client does without the server
    return main(data_dir=data_dir, port=port, slots=slots, json=json)
