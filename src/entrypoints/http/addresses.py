"""What stands in an address: identities, cursors, parameters. All of it is checked before anybody is asked."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from .problems import ProblemError, Refused, wrong_parameter

_JOB_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHECK_BYTES: Final = 6
_NUMBER_BYTES: Final = 8
_LARGEST: Final = (1 << 63) - 1

Known = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""The parameters a handler takes once, those that may be repeated, and those that are no texts."""

_NONE: Final[Known] = (frozenset(), frozenset(), frozenset())


def job_id_of(text: str) -> JobId:
    """The job's id in its canonical form, or `JobNotFound`: nothing else can be one."""
    lowered = text.lower()
    if not _JOB_ID.fullmatch(lowered):
        raise JobNotFound(text)
    return JobId(lowered)


def cursor_of(job_id: JobId) -> str:
    """An opaque word for "continue after this job"."""
    data = UUID(job_id).bytes
    return urlsafe_b64encode(data + _check(data)).decode().rstrip("=")


def job_after(cursor: str) -> JobId:
    """What the cursor stands for; one that was not made here is refused."""
    try:
        data = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        data = b""
    job_id = JobId(str(UUID(bytes=data[:16]))) if len(data) == 16 + _CHECK_BYTES else None
    if job_id is None or cursor_of(job_id) != cursor:
        raise wrong_parameter("cursor", "is not one that this server gave out")
    return job_id


def number_cursor(number: int) -> str:
    """An opaque word for "continue after this number"."""
    data = number.to_bytes(_NUMBER_BYTES)
    return urlsafe_b64encode(data + _check(data)).decode().rstrip("=")


def number_after(cursor: str) -> int:
    """What the cursor stands for; one that was not made here is refused."""
    try:
        data = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        data = b""
    number = int.from_bytes(data[:_NUMBER_BYTES])
    if number > _LARGEST or number_cursor(number) != cursor:
        raise wrong_parameter("cursor", "is not one that this server gave out")
    return number


def link_to(request: Request[Any, Any, Any], following: str | None) -> dict[str, str]:
    """The header that leads to the next page, which begins at this cursor; none if there is none."""
    if following is None:
        return {}
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<{request.scope["path"]}?{urlencode([*kept, ("cursor", following)])}>; rel="next"'}


def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """Stands before every handler: a parameter that means nothing here is named, and so are those that do.

    NUL is in no text that is kept, and no database takes one.
    """
    sent = [name for name, _ in request.query_params.multi_items()]
    if not sent:
        return
    handler = request.route_handler
    single, repeatable, values = _known(handler) if isinstance(handler, HTTPRouteHandler) else _NONE
    known = sorted(single | repeatable)
    told = f"known are {', '.join(known)}" if known else "this address takes none"
    wrong = [ProblemError(parameter=name, detail=f"unknown parameter; {told}") for name in sorted({*sent} - {*known})]
    wrong += [
        ProblemError(parameter=name, detail="may be given once only") for name in sorted(single) if sent.count(name) > 1
    ]
    wrong += [
        ProblemError(parameter=name, detail="cannot be null; leave it out")
        for name, text in request.query_params.multi_items()
        if name in values and text.lower() == "null"
    ]
    holds_nul = {name for name, text in request.query_params.multi_items() if name in known and "\0" in text}
    wrong += [ProblemError(parameter=name, detail="must not hold NUL") for name in sorted(holds_nul)]
    if wrong:
        detail = "; ".join(f"{each.parameter}: {each.detail}" for each in wrong)
        raise Refused(400, "bad-parameter", detail, wrong)


@cache
def _known(handler: HTTPRouteHandler) -> Known:
    found = {
        field.kwarg_definition.name or name: field
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    }
    repeatable = {
        name for name, field in found.items() if field.is_non_string_collection or field.has_inner_subclass_of(list)
    }
    values = {name for name, field in found.items() if str not in {field.annotation, *field.args}}
    return frozenset(found.keys() - repeatable), frozenset(repeatable), frozenset(values)


def _check(data: bytes) -> bytes:
    return sha256(b"runyard cursor 1" + data).digest()[:_CHECK_BYTES]
