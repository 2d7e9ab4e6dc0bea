"""A body has its own fields: what another route takes, or a view shows, is refused where it does not belong."""

from typing import Any

import pytest

from runyard.entrypoints.http.app import create_app
from runyard.entrypoints.http.document import completed
from tests.unit.application.yard import MemoryYard

from .house import WITH_TOKEN, a_client, provided_by
from .tenants import MINE, Tenants
from .test_matrix import OWN, RULES, filled, names


def document() -> dict[str, Any]:
    return completed(create_app(provided_by(MemoryYard())).openapi_schema.to_schema())


DOCUMENT = document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
EVERY_FIELD = {field for schema in SCHEMAS.values() for field in schema.get("properties", {})}
"""Of all bodies and all views, `owner`, `state`, `instance_admin`, `run_as`'s likes and identifiers among them."""


def body_of(method: str, path: str) -> str | None:
    """The name of the schema of its body, if it takes one."""
    operation = DOCUMENT["paths"][path][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    reference: str = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    return reference.rpartition("/")[2] or None


WITH_BODY = sorted(route for route in RULES if body_of(*route))


@pytest.fixture(scope="module")
def tenants() -> Tenants:
    return Tenants(MemoryYard())


@pytest.fixture(scope="module")
def door(tenants):
    with a_client(tenants.yard) as client:
        client.headers.update(WITH_TOKEN)
        yield client


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
def test_no_route_takes_the_fields_of_another(tenants, door, route: tuple[str, str]) -> None:
    method, path = route
    rule, said = RULES[route], names(tenants, tenants.people["instance"], OWN)
    own = set(SCHEMAS[body_of(method, path) or ""]["properties"])
    foreign = sorted(EVERY_FIELD - own)
    assert len(foreign) > 50

    body = {**(filled(rule.body, said) if rule.body else {}), **dict.fromkeys(foreign, MINE)}
    answer = door.request(method, filled(path, said), params=filled(rule.query, said), json=body)

    assert answer.status_code == 422, answer.text
    told = {error["pointer"] for error in answer.json()["errors"]}
    assert told == ({"/jobs"} if path.endswith("/batch") else {f"/{field}" for field in foreign})
