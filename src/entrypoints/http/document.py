"""The OpenAPI document: what Litestar reads from the routes, and what it cannot know."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme
from pydantic import BaseModel

from . import agent_document as agents
from .account_bodies import (
    AccountBody,
    AccountEditBody,
    LogInBody,
    PasswordBody,
    ProjectBody,
    RoleBody,
    TokenBody,
    TokenRotationBody,
)
from .batches import BatchBody
from .bodies import JobBody
from .job_filters import JobsMeantBody
from .problems import PROBLEM_JSON, Problem
from .project_views import LimitsBody
from .queue_bodies import QueuePauseBody
from .runner_bodies import AddRunnerBody, CordonBody, DrainBody, HostKeyBody, PauseBody, RunnerEditBody
from .schemas import SCHEMAS, any_of, parameter_of, schema_of
from .secret_bodies import RotationBody, SecretBody
from .steer_bodies import ForceFinishBody

_ALWAYS: Final = {
    400: "A parameter, or the request itself, cannot be understood.",
    500: "Something went wrong here; the log tells more under the request id.",
    414: "The address is too long.",
    421: "This server does not answer to the name in `Host`.",
    429: "Too often, too many at once, or too many wrong tokens: `Retry-After` says when to come again. Or a limit "
    "of a project or an owner leaves no room for a job: `limit` says which.",
    503: "The store does not answer, or something else that is needed; try again later.",
}
_WITH_TOKEN: Final = {
    401: "No token, or not one that opens the door.",
    403: "The caller lacks a permission; `detail` names it, and why it is lacking.",
}
_OF_ONE: Final = {404: "There is no such thing, or none that the caller has a part in."}
_EDITED: Final = {412: "Somebody else edited it since; look again."}
_CONFLICT: Final = {
    409: "Its state does not allow this; or a concurrency key is busy (`key-busy`; `holders` says by whom) "
    "or has a full line (`key-line-full`)."
}
_WITH_BODY: Final = {
    413: "The body is larger than this takes: 2 MiB for a job, 16 MiB for a batch, 4 MiB from agents at work, 64 KiB "
    "for all else.",
    415: "The body is not of a kind that is taken here (`application/json`), or it is packed.",
    422: "It cannot be taken so; `errors` names each field that is wrong.",
}
_REQUESTS: Final[Mapping[str, type[BaseModel]]] = {
    "createJob": JobBody,
    "createJobs": BatchBody,
    "explainSubmission": JobBody,
    "cancelJobs": JobsMeantBody,
    "rerunJobs": JobsMeantBody,
    "forceFinish": ForceFinishBody,
    "addRunner": AddRunnerBody,
    "showHostKey": HostKeyBody,
    "editRunner": RunnerEditBody,
    "cordonRunner": CordonBody,
    "pauseRunner": PauseBody,
    "drainRunner": DrainBody,
    "pauseQueue": QueuePauseBody,
    "createProject": ProjectBody,
    "setSecret": SecretBody,
    "rotateKey": RotationBody,
    "setRole": RoleBody,
    "changeLimits": LimitsBody,
    "createAccount": AccountBody,
    "editAccount": AccountEditBody,
    "setPassword": PasswordBody,
    "createToken": TokenBody,
    "rotateToken": TokenRotationBody,
    "logIn": LogInBody,
    **agents.REQUESTS,
}
_NAMES_A_PROJECT: Final = frozenset(
    {"createJob", "explainSubmission", "cancelJobs", "rerunJobs", "listSecrets", "listAudit"}
)
_NAMES_AN_ACCOUNT: Final = frozenset({"createToken", "listTokens"})
_NAMES_SOMETHING: Final = _NAMES_A_PROJECT | _NAMES_AN_ACCOUNT | agents.NAMES_SOMETHING
_NEEDS_BODY: Final = frozenset(
    {
        *("createJob", "createJobs", "cancelJobs", "rerunJobs", "explainSubmission", "forceFinish"),
        *("addRunner", "showHostKey", "editRunner", "pauseRunner", "createProject", "setSecret"),
        *("setRole", "createAccount", "setPassword", "logIn"),
        *agents.NEEDS_BODY,
    }
)
_EDITS: Final = frozenset({"editRunner"})
_MAY_CONFLICT: Final = frozenset(
    {
        *("createJob", "rerunJob", "pauseJob", "resumeJob", "forceFinish", "addRunner", "pauseRunner", "removeRunner"),
        *("createProject", "setSecret", "rotateKey", "createAccount", "rotateToken"),
        *agents.MAY_CONFLICT,
    },
)
_ONLY_OF_A_KIND: Final = frozenset({"checkRunner"}) | agents.ONLY_OF_AGENTS
_BYTES: Final = {"type": "string", "format": "binary"}
_EVENT: Final = {
    "type": "object",
    "description": "One event of the stream; `data` is JSON.",
    "required": ["event", "id", "data"],
    "properties": {name: {"type": "string"} for name in ("event", "id", "data")},
}
_BODIES: Final = {
    "getLog": {"application/octet-stream": {"schema": _BYTES}},
    "followJob": {"text/event-stream": {"schema": _EVENT}},
}
_ADDRESS: Final = {"type": "string", "format": "uri-reference"}
_ETAG: Final = {"ETag": {"description": "For `If-Match`.", "required": True, "schema": {"type": "string"}}}
_LINK: Final = {"Link": {"description": 'The next page, if there is one: `rel="next"`.', "schema": {"type": "string"}}}
_HEADERS: Final[Mapping[str, dict[str, Any]]] = {
    "createJob": {"Location": {"description": "Where the job is.", "required": True, "schema": _ADDRESS}},
    "rerunJob": {"Location": {"description": "Where the new job is.", "required": True, "schema": _ADDRESS}},
    "getRunner": _ETAG,
    "editRunner": _ETAG,
    "listJobs": _LINK,
    "listAudit": _LINK,
}


def openapi_config(version: str, **more: Any) -> OpenAPIConfig:
    """What the document says of the whole."""
    bearer = SecurityScheme(
        type="http", scheme="bearer", description="A token of an account, or that in the server's `admin.token` file."
    )
    return OpenAPIConfig(
        title="Runyard",
        version=version,
        description="Runs jobs on the machines people already have. Every error is a problem document (RFC 9457).",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        components=Components(security_schemes={"bearer": bearer}),
        use_handler_docstrings=True,
        **more,
    )


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with bodies, problems and headers."""
    components = dict(document["components"])
    bodies = {name: part for model in _REQUESTS.values() for name, part in schema_of(model).items()}
    components["schemas"] = dict(sorted({**components["schemas"], **bodies, **schema_of(Problem)}.items()))
    statuses = {**_ALWAYS, **_WITH_TOKEN, **_OF_ONE, **_WITH_BODY, **_EDITED, **_CONFLICT, **agents.BEHIND_A_GAP}
    components["responses"] = {_name(status): _problem(told) for status, told in statuses.items()}
    paths = {
        path: {method: _operation(path, operation) for method, operation in item.items()}
        for path, item in sorted(document["paths"].items())
    }
    whole: dict[str, Any] = any_of({**document, "components": components, "paths": paths})
    return whole


def _operation(path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    name = operation["operationId"]
    answers = agents.ANSWERS.get(name, operation["responses"])
    succeeded = {status: {**said} for status, said in answers.items() if status.startswith("2")}
    if name in ("createJob", "rerunJob"):
        succeeded["200"] = {**succeeded["201"], "description": "This submission was accepted before."}
    for said in succeeded.values():
        said.setdefault("content", _BODIES.get(name, {}))
        said["headers"] = {**said.get("headers", {}), **_HEADERS.get(name, {}), "X-Request-ID": _REQUEST_ID}
    refused = {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in _refusals(path, operation)
    }
    done = {**operation, "responses": {**succeeded, **refused}}
    if "parameters" in operation:
        done["parameters"] = [parameter_of(parameter) for parameter in operation["parameters"]]
    if name in _REQUESTS:
        content = {"application/json": {"schema": {"$ref": f"{SCHEMAS}{_REQUESTS[name].__name__}"}}}
        done["requestBody"] = {"required": name in _NEEDS_BODY, "content": content}
    if name in agents.TAKES_OUTPUT:
        done["requestBody"] = {"required": False, "content": agents.OUTPUT}
    return done


_REQUEST_ID: Final = {"description": "The name of this request in our log.", "schema": {"type": "string"}}


def _refusals(path: str, operation: Mapping[str, Any]) -> Iterator[int]:
    yield from _ALWAYS
    name = operation["operationId"]
    if operation.get("security"):
        yield from _WITH_TOKEN
    elif name == "logIn":
        yield 401
    if "{" in path or name in _NAMES_SOMETHING:
        yield from _OF_ONE
    if name in _REQUESTS:
        yield from _WITH_BODY
    elif name in _ONLY_OF_A_KIND or any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ())):
        yield 422
    if name in agents.TAKES_OUTPUT:
        yield from _WITH_BODY
        yield from agents.BEHIND_A_GAP
    if name in _EDITS:
        yield from _EDITED
    if name in _MAY_CONFLICT:
        yield from _CONFLICT


def _problem(told: str) -> dict[str, Any]:
    return {
        "description": told,
        "headers": {"X-Request-ID": _REQUEST_ID},
        "content": {PROBLEM_JSON: {"schema": {"$ref": f"{SCHEMAS}Problem"}}},
    }


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")
