import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from runyard.entrypoints.http.app import create_app
from runyard.entrypoints.http.bodies import JobBody
from runyard.entrypoints.http.problems import Problem
from runyard.entrypoints.http.views import AttemptView, JobPageView, JobSummaryView, JobView

from .house import JOBS, a_client, provided_by

FILES = ("swagger-ui-dist/swagger-ui.css", "swagger-ui-dist/swagger-ui-bundle.js", "redoc/bundles/redoc.standalone.js")


@pytest.fixture
def document(stranger) -> dict[str, Any]:
    answer: dict[str, Any] = stranger.get("/schema/openapi.json").json()
    return answer


def operations(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        operation["operationId"]: (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if "$ref" in value else []
        return here + [found for part in value.values() for found in references(part)]
    return [found for part in value for found in references(part)] if isinstance(value, list) else []


def found_at(document: dict[str, Any], reference: str) -> Any:
    value: Any = document
    for step in reference.removeprefix("#/").split("/"):
        value = value[step]
    return value


def test_the_document_is_openapi_3_1_and_refers_to_nothing_that_is_not_there(document) -> None:
    assert document["openapi"].startswith("3.1.")
    assert (document["info"]["title"], document["info"]["version"]) == ("Runyard", "1.2.3")
    assert len(references(document)) > 20
    assert all(found_at(document, reference) for reference in references(document))


def test_every_route_is_described(yard, document) -> None:
    routes = {
        (method, route.path_format)
        for route in create_app(provided_by(yard)).routes
        for method in route.methods - {"OPTIONS"}
        if not route.path.startswith("/schema")
    }

    assert {(method.upper(), path) for method, path, _ in operations(document).values()} == routes


def test_every_operation_tells_its_problems_its_parameters_and_whether_it_needs_a_token(document) -> None:
    for name, (_, path, operation) in operations(document).items():
        problems = {status for status in operation["responses"] if not status.startswith("2")}
        assert {"400", "414", "421", "429", "500", "503"} <= problems, name
        assert ("401" in problems) == path.startswith(("/api/", "/metrics")), name
        assert ("403" in problems) == bool(operation.get("security")) == ("401" in problems and name != "logIn"), name
        assert "404" in problems or "{" not in path, name
        named = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), name
        assert operation["summary"]
        assert operation["description"]
    assert set(document["components"]["securitySchemes"]) == {"bearer"}


def test_every_documented_problem_is_a_problem_document(document) -> None:
    for response in document["components"]["responses"].values():
        content = response["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize("view", [JobView, JobPageView, JobSummaryView, AttemptView, JobBody, Problem])
def test_the_document_describes_exactly_the_fields_there_are(document, view) -> None:
    schema = document["components"]["schemas"][view.__name__]

    assert set(schema["properties"]) == set(view.model_fields)


def test_views_have_all_their_fields_always(document, client) -> None:
    submitted = client.post(JOBS, json={"command": "true"})
    shown = client.get(submitted.headers["location"])

    for name, answer in {"SubmittedView": submitted, "JobView": shown}.items():
        schema = document["components"]["schemas"][name]
        assert set(answer.json()) == set(schema["properties"]) == set(schema["required"])
    (summary,) = client.get(JOBS).json()["items"]
    assert set(summary) == set(document["components"]["schemas"]["JobSummaryView"]["required"])


def test_answers_are_described_by_what_they_are(document) -> None:
    described = {
        name: content
        for name, (_, _, operation) in operations(document).items()
        for status, response in operation["responses"].items()
        if status.startswith("2")
        for content in response["content"]
    }

    assert described["createJob"] == described["listAttempts"] == "application/json"
    assert (described["getLog"], described["followJob"]) == ("application/octet-stream", "text/event-stream")


@pytest.mark.parametrize("address", ["/schema", "/schema/swagger-ui", "/schema/redoc"])
@pytest.mark.parametrize("assets", ["there", "absent"])
def test_the_page_needs_nothing_from_elsewhere(yard, tmp_path, address, assets) -> None:
    for file in FILES if assets == "there" else ():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("theirs")
    with a_client(yard, assets=tmp_path) as client:
        page = client.get(address)
        linked = re.findall(r"(?:src|href)=[\"']([^\"'#]+)", page.text)
        answers = {link: client.get(link).status_code for link in linked}

    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r"https?:|//|@import|url\(", page.text.replace("<!doctype", ""))
    assert not re.search(r"https?:|\*|unsafe|script-src [^;]*sha", page.headers["content-security-policy"])
    assert answers
    assert set(answers.values()) == {200}
    assert (("swagger-ui-bundle.js" in page.text) or ("redoc.standalone.js" in page.text)) == (assets == "there")


def test_the_style_of_the_plain_page_is_the_one_its_policy_allows(yard) -> None:
    with a_client(yard, assets=None) as client:
        page = client.get("/schema")
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()

    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]
    assert " style=" not in page.text


def test_without_assets_the_page_shows_every_operation_and_schema(yard, document) -> None:
    with a_client(yard, assets=None) as client:
        page = client.get("/schema/swagger-ui").text

    for name in [*operations(document), *document["components"]["schemas"]]:
        assert f"id='{name}'" in page


@pytest.mark.parametrize("name", ["LICENSE", "..%2Fprovided.py", "%2Fetc%2Fpasswd", "swagger-ui.css.map", "a/b"])
def test_only_the_files_of_the_page_are_served(stranger, name) -> None:
    answer = stranger.get(f"/schema/assets/{name}")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_where_a_submission_may_be_repeated_it_is_told_what_comes_of_another_one_under_its_key(document) -> None:
    keyed = {
        name: operation["responses"]
        for name, (_, _, operation) in operations(document).items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }

    assert {"createJob", "createJobs", "rerunJob"} <= set(keyed)
    assert all("422" in responses for responses in keyed.values())


def test_what_agents_send_and_get_is_described(document) -> None:
    described = operations(document)
    taken = {
        name: next(iter(operation["requestBody"]["content"].values()))["schema"].get("$ref", "").rpartition("/")[2]
        for name, (_, path, operation) in described.items()
        if "agent" in path and "requestBody" in operation
    }

    assert taken == {
        "addAgent": "AddAgentBody",
        "registerAgent": "RegisterBody",
        "openSession": "SessionBody",
        "sync": "SyncBody",
        "report": "ReportsBody",
        "closeSession": "ByeBody",
        "appendOutput": "",
    }
    _, _, output = described["appendOutput"]
    assert "application/vnd.runyard.records" in output["requestBody"]["content"]
    assert {"404", "409", "413", "415", "416"} <= set(output["responses"])
    _, _, script = described["takeScript"]
    assert [*script["responses"]["200"]["content"]] == ["text/x-shellscript"]
    assert "Runyard-Attempt" in script["responses"]["200"]["headers"]
    assert not script["responses"]["204"]["content"]
    assert all("422" in described[name][2]["responses"] for name in ("addAgent", "inviteAgent", "revokeAgent", "sync"))


def test_a_union_is_described_as_any_of_its_kinds(document) -> None:
    def names(part: Any) -> set[str]:
        if isinstance(part, dict):
            return set(part).union(*map(names, part.values()))
        return set().union(*map(names, part)) if isinstance(part, list) else set()

    told = document["components"]["schemas"]["AuditEntryView"]["properties"]["before"]["additionalProperties"]

    assert {"type": "integer"} in told["anyOf"]
    assert {"type": "number"} in told["anyOf"]
    assert "oneOf" not in names(document)  # 1 is both, and would be wrong
