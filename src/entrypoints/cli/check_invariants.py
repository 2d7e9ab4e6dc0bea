"""Check that what is stored keeps the rules."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Protocol, cast

from ...domain.errors import Refusal, RunyardError
from ..client.errors import RunyardClientError
from .options import PLAIN, Output, option
from .saying import note, plain

_STATUS = {Refusal.INVALID: 422, Refusal.NOT_FOUND: 404, Refusal.FORBIDDEN: 403, Refusal.UNAVAILABLE: 503}


class _Check(Protocol):
    def __call__(self, *, data_dir: Path | None, json: bool, say: object, tell: object) -> int: ...


def check_invariants(
    *,
    data_dir: Annotated[Path | None, option("data-dir", help="Where the data is; else the XDG state folder.")] = None,
    output: Output = PLAIN,
) -> int:
    """Check that what is stored keeps the rules."""
    if find_spec("litestar") is None or find_spec("sqlalchemy") is None:
        advice = "Install runyard[server]."
        raise RunyardClientError("this is the client alone; it has no store", code="client-only", advice=advice)
    main = cast("_Check", import_module("..check_invariants", __package__).main)  # by name: the client does without
    try:
        return main(data_dir=data_dir, json=output.json, say=note, tell=lambda line: print(plain(line)))
    except RunyardError as refusal:
        raise RunyardClientError(
            str(refusal), code=refusal.code, status=_STATUS.get(refusal.refusal), advice="Nothing was checked."
        ) from refusal
