"""Schemas in the document, each said as precisely as it is meant."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

SCHEMAS: Final = "#/components/schemas/"
_SHAPES: Final[Mapping[str, dict[str, Any]]] = {
    "job_id": {"format": "uuid"},
    "id_part": {"pattern": "^[0-9a-fA-F-]{1,36}$"},
    "Idempotency-Key": {"pattern": "^[!-~]+$"},
}


def parameter_of(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter is there or it is not; it is never null."""
    schema = dict(parameter["schema"])
    if "oneOf" in schema:
        (one,) = [choice for choice in schema.pop("oneOf") if choice != {"type": "null"}]
        schema = {**one, **schema}
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [kind for kind in schema["type"] if kind != "null"]
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    schema |= _SHAPES.get(parameter["name"], {})
    schema.pop("description", None)
    kept = {name: parameter[name] for name in ("name", "in", "required", "description") if name in parameter}
    return {**kept, "schema": schema}


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The model and all it is made of, each under its own name."""
    schema = model.model_json_schema(ref_template=SCHEMAS + "{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return {**parts, model.__name__: schema}


def any_of(part: Any) -> Any:
    """What a union may be it may be twice: 1 is an integer, and a number as well."""
    if isinstance(part, Mapping):
        return {"anyOf" if name == "oneOf" else name: any_of(value) for name, value in part.items()}
    return [*map(any_of, part)] if isinstance(part, list) else part
