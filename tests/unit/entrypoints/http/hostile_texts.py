"""What can be written in an address and in no database: whoever asks is told, and nothing breaks."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from runyard.domain.accounts.permissions import Role
from tests.contracts.stores import Store

from .everything import Everything
from .house import WITH_TOKEN, a_client
from .test_matrix import API, OWN, RULES, filled, names

TEXTS = ["%00", "a%00b", "%ED%A0%80", "%FF", quote("\U0001f4a5"), "x" * 3000, "%25%27%22;--"]
ENDLESS = ("get", f"{API}/jobs/{{job_id}}/log/stream")


class HostileTextsContract:
    """What no store may stumble over; bind it with a fixture `store`."""

    @pytest.fixture
    def tenants(self, store: Store) -> Everything:
        return Everything(store)

    @pytest.fixture
    def client(self, tenants: Everything) -> Iterator[Any]:
        with a_client(tenants.yard) as client:
            client.headers.update(WITH_TOKEN)
            yield client

    def test_no_text_in_an_address_breaks_anything(self, tenants, client) -> None:
        said = names(tenants, tenants.people[Role.ADMIN], OWN)
        for method, path, place, name in self._parameters(client):
            for text in TEXTS:
                address = filled(path.replace(f"{{{name}}}", text), said)
                body = filled(RULES[method.upper(), path].body or {}, said)
                answer = client.request(method, f"{address}?{name}={text}" if place == "query" else address, json=body)
                assert answer.status_code < 500, (method, address, name, text, answer.text)

    @pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "\U0001f4a5", "x" * 5000, "%", "", "{}"], ids=ascii)
    def test_no_text_in_a_body_breaks_anything(self, tenants, client, text: str) -> None:
        said = names(tenants, tenants.people[Role.ADMIN], OWN)
        for (method, path), rule in sorted(RULES.items()):
            for body in with_text(filled(rule.body or {}, said), text):
                sent = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
                answer = client.request(method, filled(path, said), **sent)
                assert answer.status_code < 500, (method, path, body, answer.text)

    def test_nul_in_a_parameter_is_named(self, tenants, client) -> None:
        said = names(tenants, tenants.people[Role.ADMIN], OWN)
        queries = [each for each in self._parameters(client) if each[2] == "query"]
        for method, path, _, name in queries:
            answer = client.request(method, f"{filled(path, said)}?{name}=a%00b")
            assert answer.status_code == 400, (method, path, name)
            assert {error["parameter"] for error in answer.json()["errors"]} == {name}, (method, path)
        assert len(queries) > 25

    def _parameters(self, client: Any) -> list[tuple[str, str, str, str]]:
        """Method, path, place and name of each in the API that takes a text."""
        paths = client.get("/schema/openapi.json").json()["paths"]
        return [
            (method, path, each["in"], each["name"])
            for path, operations in sorted(paths.items())
            for method, operation in sorted(operations.items())
            for each in operation.get("parameters", [])
            if each["in"] in {"path", "query"} and (method.upper(), path) in RULES and (method, path) != ENDLESS
        ]


def with_text(value: Any, text: str) -> Iterator[Any]:
    """The value as often as it has texts, another of them being this one each time."""
    if isinstance(value, str):
        yield text
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        for changed in with_text(each, text):
            yield {**value, key: changed} if isinstance(value, dict) else [*value[:key], changed, *value[key + 1 :]]
