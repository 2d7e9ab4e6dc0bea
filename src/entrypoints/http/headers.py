"""The headers of a request, as the server has read them."""

from litestar.types import HTTPScope


def sent(scope: HTTPScope, name: bytes) -> list[bytes]:
    """All values of the header with this name, which is in small letters."""
    return [value for key, value in scope["headers"] if key.lower() == name]


def sent_once(scope: HTTPScope, name: bytes) -> bytes | None:
    """The value, if there is exactly one."""
    values = sent(scope, name)
    return values[0] if len(values) == 1 else None
