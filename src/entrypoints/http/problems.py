"""Errors learn their status here, and nowhere else. Every error is a problem document (RFC 9457)."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final, Self

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ExceptionHandlersMap, Scope, Send
from pydantic import BaseModel, Field

from ...domain.accounts.errors import TooManyGuesses
from ...domain.errors import InvalidFields, Refusal, RunyardError
from ...domain.jobs.errors import KeyBusy
from ...domain.limits.errors import LimitReached, SubmittedTooOften
from .request_id import identify

PROBLEM_JSON: Final = "application/problem+json"

STATUS: Final[Mapping[Refusal, int]] = {
    Refusal.INVALID: 422,
    Refusal.UNAUTHENTICATED: 401,
    Refusal.FORBIDDEN: 403,
    Refusal.NOT_FOUND: 404,
    Refusal.CONFLICT: 409,
    Refusal.LIMITED: 429,
    Refusal.UNAVAILABLE: 503,
}
_HEADERS: Final[Mapping[Refusal, dict[str, str]]] = {
    Refusal.UNAUTHENTICATED: {"WWW-Authenticate": 'Bearer realm="runyard"'},
    Refusal.UNAVAILABLE: {"Retry-After": "1"},
}
_OF_HTTP: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad-request", "the request cannot be understood"),
    404: ("no-such-route", "there is nothing at this address; `/schema/openapi.json` lists what there is"),
    405: ("method-not-allowed", "this address does not take the method; `Allow` lists those it takes"),
    413: ("body-too-large", "the body is larger than this address takes"),
}

_log = structlog.get_logger(__name__)


class ProblemError(BaseModel):
    """One thing that is wrong: `pointer` (a JSON pointer) in the body, or `parameter` in the address or a header."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class ProblemLimit(BaseModel):
    """A limit that leaves no room: `scope` is `project` or `owner`, `value` what it is set to."""

    kind: str = Field(examples=["queued", "submissions_per_minute"])
    scope: str
    project: str
    owner: str | None
    value: int
    used: int

    @classmethod
    def of(cls, error: LimitReached) -> Self:
        bound, scope = error.bound, error.bound.scope
        return cls(
            kind=bound.kind.value,
            scope="project" if scope.owner is None else "owner",
            project=scope.project,
            owner=scope.owner,
            value=bound.most,
            used=error.used,
        )


class Problem(BaseModel):
    """An error. `type` is stable; `title` and `detail` are for people; `errors` names each thing that is wrong."""

    type: str = Field(examples=["urn:runyard:problem:job-not-found"])
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[ProblemError] | None = None
    holders: list[str] | None = Field(default=None, description="Of `key-busy`: the jobs that hold the key.")
    limit: ProblemLimit | None = Field(default=None, description="Of `…-limit-reached`: which limit, and its use.")


class Refused(Exception):
    """A request that is wrong as HTTP, before any use case could be asked."""

    def __init__(
        self, status: int, code: str, detail: str, errors: Sequence[ProblemError] = (), **headers: str
    ) -> None:
        self.status = status
        self.code = code
        self.errors = list(errors)
        self.holders: list[str] | None = None
        self.limit: ProblemLimit | None = None
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(detail)

    @property
    def type(self) -> str:
        """The stable name of the problem."""
        return f"urn:runyard:problem:{self.code}"


def wrong_parameter(name: str, detail: str) -> Refused:
    """A parameter of the address or of a header that cannot be understood."""
    return Refused(400, "bad-parameter", f"{name}: {detail}", [ProblemError(parameter=name, detail=detail)])


def document(scope: Scope, refused: Refused) -> bytes:
    """The problem document that tells it."""
    problem = Problem(
        type=refused.type,
        title=refused.code.replace("-", " "),
        status=refused.status,
        detail=str(refused),
        instance=scope["path"],
        request_id=identify(scope),
        errors=refused.errors or None,
        holders=refused.holders,
        limit=refused.limit,
    )
    return problem.model_dump_json(exclude_none=True).encode()


def told(request: Request[Any, Any, Any], refused: Refused) -> Response[bytes]:
    """The answer that tells it."""
    content = document(request.scope, refused)
    return Response(content, status_code=refused.status, media_type=PROBLEM_JSON, headers=refused.headers)


async def tell(scope: Scope, send: Send, refused: Refused) -> None:
    """The same where no route has been looked for yet."""
    content = document(scope, refused)
    headers = {**refused.headers, "content-type": PROBLEM_JSON, "content-length": str(len(content))}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refused.status, "headers": encoded})
    await send({"type": "http.response.body", "body": content, "more_body": False})


def of_core(error: RunyardError) -> Refused:
    """A refusal of the core, as HTTP says it."""
    wrong = error.problems if isinstance(error, InvalidFields) else ()
    errors = [ProblemError(pointer=each.pointer, detail=each.detail) for each in wrong]
    refused = Refused(STATUS[error.refusal], error.code, str(error), errors)
    refused.headers |= _HEADERS.get(error.refusal, {})
    refused.holders = list(error.holders) if isinstance(error, KeyBusy) else None
    refused.limit = ProblemLimit.of(error) if isinstance(error, LimitReached) else None
    if isinstance(error, (SubmittedTooOften, TooManyGuesses)):
        refused.headers["Retry-After"] = str(max(1, ceil(error.again)))
    return refused


def _refused(request: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    return told(request, error)


def _core(request: Request[Any, Any, Any], error: RunyardError) -> Response[bytes]:
    return told(request, of_core(error))


def _parameters(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    wrong = error.extra if isinstance(error.extra, list) else []
    errors = [ProblemError(parameter=_name(request, each), detail=str(each.get("message"))) for each in wrong]
    detail = "; ".join(f"{each.parameter}: {each.detail}" for each in errors)
    return told(request, Refused(400, "bad-parameter", detail or "a parameter cannot be understood", errors))


def _name(request: Request[Any, Any, Any], wrong: Mapping[str, Any]) -> str:
    """What the caller knows the parameter as: the handler may call it otherwise."""
    key = str(wrong.get("key"))
    handler = request.scope.get("route_handler")
    field = handler.parsed_fn_signature.parameters.get(key) if handler is not None else None
    definition = field.kwarg_definition if field is not None else None
    return getattr(definition, "name", None) or key


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if error.status_code not in _OF_HTTP:
        return _unexpected(request, error)
    code, detail = _OF_HTTP[error.status_code]
    handler = request.scope.get("route_handler")
    if error.status_code == 413 and isinstance(handler, HTTPRouteHandler):
        detail = f"the body is larger than the {handler.resolve_request_max_body_size()} bytes this address takes"
    refused = Refused(error.status_code, code, detail)
    refused.headers |= dict(error.headers or {})
    return told(request, refused)


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("unexpected error", path=request.scope["path"], method=request.scope["method"], exc_info=error)
    detail = f"something went wrong here; the log tells more under request id {identify(request.scope)}"
    return told(request, Refused(500, "internal-error", detail))


EXCEPTION_HANDLERS: Final[ExceptionHandlersMap] = {
    Refused: _refused,
    RunyardError: _core,
    ValidationException: _parameters,
    HTTPException: _http,
    Exception: _unexpected,
}
"""For the whole app: the nearest class of the error decides."""
