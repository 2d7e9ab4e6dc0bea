"""Commands that need the packages of the server."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Final, cast

from ..client.errors import RunyardClientError
from .options import option

CERT: Final = option("tls-cert", help="Its certificate, PEM: then it speaks HTTPS. [env: RUNYARD_TLS_CERT]")
KEY: Final = option("tls-key", help="The key of that certificate, PEM. [env: RUNYARD_TLS_KEY]")


def main_of(module: str, name: str = "main") -> Callable[..., int]:
    """The `main` of an entrypoint, by name: the client does without the server."""
    if find_spec("litestar") is None or find_spec("sqlalchemy") is None:
        advice = "Install runyard[server]."
        raise RunyardClientError("this is the client alone; it cannot serve", code="client-only", advice=advice)
    return cast("Callable[..., int]", getattr(import_module(f"..{module}", __package__), name))
