"""What can be wrong with a request before it matters what it asks for."""

from typing import Final

from litestar.types import HTTPScope

from .headers import sent
from .problems import Refused

MOST_PATH_BYTES: Final = 2048
MOST_QUERY_BYTES: Final = 8192
MOST_PARAMETERS: Final = 100


def wrong_with(scope: HTTPScope) -> Refused | None:
    """Why it is refused, if it is."""
    query = scope["query_string"]
    if len(scope["path"]) > MOST_PATH_BYTES:
        return Refused(414, "address-too-long", f"the path of an address has at most {MOST_PATH_BYTES} bytes")
    if len(query) > MOST_QUERY_BYTES:
        return Refused(414, "address-too-long", f"the parameters of an address have at most {MOST_QUERY_BYTES} bytes")
    if query.count(b"&") >= MOST_PARAMETERS:
        return Refused(400, "bad-parameter", f"an address has at most {MOST_PARAMETERS} parameters")
    encodings = {part.strip().lower() for value in sent(scope, b"content-encoding") for part in value.split(b",")}
    if encodings - {b"identity", b""}:
        detail = "bodies are not unpacked here; send it as it is, without `Content-Encoding`"
        return Refused(415, "packed-body", detail, Accept_Encoding="identity")
    return None
