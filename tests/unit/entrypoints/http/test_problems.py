import json
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from litestar.exceptions import WebSocketDisconnect
from structlog.contextvars import get_contextvars

import runyard
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.errors import Refusal, RunyardError
from runyard.domain.limits.limits import Bound, LimitKind, Scope
from runyard.entrypoints.http.problems import STATUS, of_core

from .house import JOBS, WITH_TOKEN, Broken, a_client

JSON = {"Content-Type": "application/json"}


def subclasses(of: type[RunyardError]) -> Iterator[type[RunyardError]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def all_errors() -> list[type[RunyardError]]:
    for part in ("domain", "application"):
        package = import_module(f"runyard.{part}")
        for module in walk_packages(package.__path__, f"runyard.{part}."):
            import_module(module.name)
    return sorted(set(subclasses(RunyardError)), key=lambda error: (error.__module__, error.__name__))


def test_every_error_of_the_core_has_a_status_and_a_code_of_its_own() -> None:
    errors = [error for error in all_errors() if error.__module__.startswith(runyard.__name__)]

    assert len(errors) > 5
    assert {error.refusal for error in errors} <= set(STATUS)
    codes = [error.code for error in errors if "code" in vars(error)]
    assert sorted(set(codes)) == sorted(codes)
    assert all(code == code.lower() and " " not in code and "_" not in code for code in codes)


def test_every_kind_of_refusal_has_a_status() -> None:
    assert set(STATUS) == set(Refusal)


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_every_error_of_the_core_becomes_a_problem(error) -> None:
    raised = error.__new__(error)
    Exception.__init__(raised, "a sentence")
    for name in ("problems", "job_ids", "holders"):
        setattr(raised, name, ())
    raised.bound, raised.used, raised.again = Bound(LimitKind.QUEUED, Scope("p"), 1), 1, 1.0

    refused = of_core(raised)

    assert 400 <= refused.status < 600
    assert (refused.code, str(refused)) == (error.code, "a sentence")


def assert_problem(answer, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, object] = answer.json()
    assert problem["type"] == f"urn:runyard:problem:{code}"
    assert problem["status"] == status
    assert problem["title"] == code.replace("-", " ")
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.request.url.path.startswith(str(problem["instance"]))
    return problem


def test_an_unknown_address_is_a_problem(client) -> None:
    for address in ("/", "/nothing", "/api", "/api/v1", "/api/v2/jobs", "/schema/nothing", "/schema/assets/../x"):
        assert_problem(client.get(address), 404, "no-such-route")


def test_a_method_that_is_not_taken_is_a_problem_and_says_which_are(client) -> None:
    answer = client.delete(JOBS)

    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        (JOBS, "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/runners/x", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        (f"{JOBS}/x/cancel", "OPTIONS, POST"),
    ],
)
def test_every_method_an_address_takes_is_told(client, address, methods) -> None:
    answer = client.options(address)

    assert (answer.status_code, answer.headers["allow"]) == (204, methods)


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "multipart/form-data"}])
def test_a_body_that_is_not_called_json_is_a_problem(client, headers) -> None:
    assert_problem(client.post(JOBS, content=b'{"command": "true"}', headers=headers), 415, "not-json")


def test_json_may_name_its_charset(client) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    assert client.post(JOBS, content=b'{"command": "true"}', headers=headers).status_code == 201


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 5000])
def test_a_body_that_cannot_be_read_is_a_problem(client, raw) -> None:
    assert_problem(client.post(JOBS, content=raw, headers=JSON), 400, "unreadable-body")


def test_a_body_of_more_than_2_mib_is_a_problem(client) -> None:
    body = b'{"command": "' + b"x" * (2 << 20) + b'"}'

    assert_problem(client.post(JOBS, content=body, headers=JSON), 413, "body-too-large")
    assert_problem(client.post(JOBS, content=iter([body]), headers=JSON), 413, "body-too-large")


def test_a_job_that_cannot_be_run_is_a_problem_with_pointers(client) -> None:
    problem = assert_problem(client.post(JOBS, json={"command": "true", "cwd": "here"}), 422, "invalid-job")

    assert problem["errors"] == [{"pointer": "/cwd", "detail": "must be an absolute path"}]


def test_a_store_that_does_not_answer_is_a_problem_that_says_when_to_come_back(yard) -> None:
    with a_client(yard, get_job=Broken(StoreUnavailable("too busy"))) as client:
        answer = client.get(f"{JOBS}/{yard.submit().id}", headers=WITH_TOKEN)

    assert_problem(answer, 503, "store-unavailable")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("name", ["get_job", "list_attempts"])
def test_a_fault_of_ours_is_a_problem_without_internals(yard, name) -> None:
    job = yard.submit()
    address = f"{JOBS}/{job.id}" + ("" if name == "get_job" else "/log/stream")
    with a_client(yard, **{name: Broken(ValueError("the secret of the house"))}) as client:
        answer = client.get(address, headers=WITH_TOKEN)

    problem = assert_problem(answer, 500, "internal-error")
    assert "secret" not in json.dumps(problem)
    assert "ValueError" not in answer.text


def test_a_request_keeps_the_id_it_brings_if_it_is_sane(client) -> None:
    assert client.get("/livez", headers={"X-Request-ID": "abc-1.2:3"}).headers["x-request-id"] == "abc-1.2:3"
    for insane in ("", "a b", "x" * 129, "a\tb", '<script>"', "é"):
        answer = client.get("/livez", headers={b"X-Request-ID": insane.encode("latin-1")})
        assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize("encoding", ["gzip", "identity, br", "GZIP"])
def test_a_packed_body_is_a_problem(client, encoding) -> None:
    answer = client.post(JOBS, content=b"\x1f\x8b", headers={**JSON, "Content-Encoding": encoding})

    assert_problem(answer, 415, "packed-body")
    assert answer.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("address", ["/" + "a" * 2048, f"{JOBS}?name={'a' * 8192}"])
def test_an_address_without_an_end_is_a_problem(client, address) -> None:
    assert_problem(client.get(address), 414, "address-too-long")


def test_a_hundred_and_one_parameters_are_a_problem(client) -> None:
    assert client.get(f"{JOBS}?" + "&".join(["state=queued"] * 100)).status_code == 200
    assert_problem(client.get(f"{JOBS}?" + "&".join(["state=queued"] * 101)), 400, "bad-parameter")


DOUBLED = [
    (JOBS, b'{"command": "true", "command": "false"}'),
    (JOBS, b'{"command": "true", "env": {"A": "1", "\\u0041": "2"}}'),
    (f"{JOBS}/batch", b'{"jobs": [{"command": "true", "name": "a", "name": "b"}]}'),
    (f"{JOBS}/cancel", b'{"queue": "a", "queue": "b"}'),
    (f"{JOBS}/explain", b'{"command": "true", "command": "true"}'),
]


@pytest.mark.parametrize(("address", "raw"), DOUBLED)
def test_a_name_that_stands_twice_in_an_object_is_a_problem(client, address, raw) -> None:
    problem = assert_problem(client.post(address, content=raw, headers=JSON), 400, "unreadable-body")

    assert "stands twice" in str(problem["detail"])
    assert client.get(JOBS).json()["items"] == []


@pytest.mark.parametrize(
    "raw", [b"[" * 1_000_000, b'{"command":' * 100_000, b'{"command": [' + b"[" * 900 + b"]" * 900 + b"]}"]
)
def test_json_may_not_be_deep(client, raw) -> None:
    assert client.post(JOBS, content=raw, headers=JSON).status_code in {400, 422}


@pytest.mark.parametrize(("address", "most"), [(f"{JOBS}/cancel", 64 << 10), (f"{JOBS}/explain", 2 << 20)])
def test_each_address_takes_bodies_of_its_own_size(client, address, most) -> None:
    problem = assert_problem(client.post(address, content=b" " * (most + 1), headers=JSON), 413, "body-too-large")

    assert f"{most} bytes" in str(problem["detail"])
    assert client.post(address, content=b" " * most, headers=JSON).status_code == 400


def test_the_browser_is_told_to_speak_tls_alone_once_it_does(yard) -> None:
    with a_client(yard) as client:
        client.base_url = "https://testserver.local"
        encrypted = client.get("/nothing")
        here = client.get("/livez", headers={"Host": "localhost"})

    assert encrypted.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in here.headers


def test_every_answer_is_protected(client) -> None:
    for address in ("/livez", "/nothing", JOBS, f"{JOBS}/x", "/schema/openapi.json", "/schema/swagger-ui"):
        headers = client.get(address).headers
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "server" not in headers


def test_a_websocket_is_not_spoken(client) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v1/jobs"):
        pass


def test_log_lines_of_a_request_carry_its_id(yard) -> None:
    seen = []

    class Listening:
        def execute(self, command):
            seen.append(get_contextvars().get("request_id"))
            return yard.get_job.execute(command)

    with a_client(yard, get_job=Listening()) as client:
        client.get(f"{JOBS}/{yard.submit().id}", headers={**WITH_TOKEN, "X-Request-ID": "mine"})

    assert seen == ["mine"]
    assert "request_id" not in get_contextvars()


def test_the_environment_cannot_make_it_tell_internals(yard, monkeypatch) -> None:
    monkeypatch.setenv("LITESTAR_DEBUG", "1")
    with a_client(yard, get_job=Broken(ValueError("internal"))) as client:
        answer = client.get(f"{JOBS}/{yard.submit().id}", headers=WITH_TOKEN)

    assert "ValueError" not in answer.text
