"""A JSON body, read strictly into a model: every problem is named, no value is ever repeated."""

from collections.abc import Mapping
from typing import Any, TypeVar

from litestar import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from ...domain.errors import FieldProblem, InvalidFields, pointer_to
from .json_names import DoubledName, refuse_doubled_names
from .problems import Refused


class StrictBody(BaseModel):
    """What is sent must be what is meant: no unknown fields, no conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)


M = TypeVar("M", bound=StrictBody)


def read_body(
    request: Request[Any, Any, Any], raw: bytes, model: type[M], invalid: type[InvalidFields] = InvalidFields
) -> M:
    """The model in this body; no body at all is an empty one. `Refused`, or `invalid` with all that is wrong."""
    if raw and media_type(request) != "application/json":
        raise Refused(415, "not-json", "send the body as `Content-Type: application/json`")
    try:
        body = model.model_validate_json(raw or b"{}")
        refuse_doubled_names(raw or b"{}")
    except DoubledName as error:
        raise Refused(400, "unreadable-body", str(error)) from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    else:
        return body
    if any(detail["type"] == "json_invalid" for detail in details):
        raise Refused(400, "unreadable-body", details[0]["msg"])
    raise invalid([_problem(detail, model) for detail in details])


def media_type(request: Request[Any, Any, Any]) -> str:
    """What the body says it is, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _problem(detail: Mapping[str, Any], model: type[StrictBody]) -> FieldProblem:
    pointer = ""
    for step in detail["loc"]:
        pointer = pointer_to(pointer, str(step))
    if detail["type"] == "extra_forbidden":
        return FieldProblem(pointer, f"unknown field; known are {', '.join(model.model_fields)}")
    return FieldProblem(pointer, detail["msg"].replace("Input should be", "must be"))
