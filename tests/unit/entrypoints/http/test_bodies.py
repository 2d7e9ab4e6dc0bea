import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.errors import InvalidJob
from runyard.domain.jobs.limits import LogPolicy, OnLost, Replacement, RetryCause
from runyard.entrypoints.http.bodies import JobBody, UnreadableBody, read_job

from .house import JOBS


def problems_of(raw: str | bytes) -> dict[str, str]:
    with pytest.raises(InvalidJob) as refused:
        read_job(raw.encode() if isinstance(raw, str) else raw)
    return {problem.pointer: problem.detail for problem in refused.value.problems}


def test_every_field_reaches_the_job() -> None:
    spec = read_job(
        json.dumps({
            "command": ["a", "b"],
            "name": "n",
            "labels": {"k": "v"},
            "env": {"A": "1"},
            "cwd": "/tmp",
            "stdin": "in",
            "queue": "q",
            "priority": -7,
            "run_timeout": 1,
            "queue_timeout": 2.5,
            "total_timeout": 3,
            "grace_period": 4,
            "retry": {"max_attempts": 3, "on": ["timeout"], "backoff": {"initial": 1, "factor": 2, "max": 3}},
            "on_lost": "fail",
            "crash_limit": 7,
            "lost_after": 5,
            "replace": "after_confirmed_end",
            "not_before": "2030-01-31t12:00:00.5z",
            "log_limit": {"bytes": 6, "policy": "kill"},
            "concurrency": {"key": "é k", "limit": 7, "on_conflict": "reject", "max_waiting": 8},
        }).encode()
    )  # fmt: skip

    assert (spec.command, spec.name, spec.labels, spec.env) == (("a", "b"), "n", {"k": "v"}, {"A": "1"})
    assert (spec.cwd, spec.stdin, spec.queue, spec.priority) == ("/tmp", "in", "q", -7)
    assert (spec.run_timeout, spec.queue_timeout, spec.total_timeout) == (1, 2.5, 3)
    assert (spec.grace_period, spec.lost_after, spec.on_lost) == (4, 5, OnLost.FAIL)
    assert (spec.retry.crash_limit, spec.replace) == (7, Replacement.AFTER_CONFIRMED_END)
    assert (spec.retry.max_attempts, *spec.retry.on, spec.retry.backoff.max) == (3, RetryCause.TIMEOUT, 3)
    assert (spec.log_limit.bytes, spec.log_limit.policy) == (6, LogPolicy.KILL)
    assert spec.concurrency == Concurrency(key="é k", limit=7, on_conflict=OnConflict.REJECT, max_waiting=8)
    assert spec.not_before is not None
    assert spec.not_before.isoformat() == "2030-01-31T12:00:00.500000+00:00"


def test_a_string_is_a_script_and_a_list_a_program_with_arguments() -> None:
    assert read_job(b'{"command": "echo hi"}').command == "echo hi"
    assert read_job(b'{"command": ["echo", "hi"]}').command == ("echo", "hi")


@pytest.mark.parametrize(("name", "number"), [("low", -10), ("medium", 0), ("high", 10)])
def test_priorities_have_names(name, number) -> None:
    assert read_job(json.dumps({"command": "true", "priority": name}).encode()).priority == number


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ('"priority": true', "/priority"),
        ('"priority": "urgent"', "/priority"),
        ('"priority": 1.0', "/priority"),
        ('"priority": 1e3', "/priority"),
        ('"priority": 1' + "0" * 300, "/priority"),
        ('"run_timeout": "5"', "/run_timeout"),
        ('"run_timeout": true', "/run_timeout"),
        ('"run_timeout": NaN', "/run_timeout"),
        ('"run_timeout": Infinity', "/run_timeout"),
        ('"run_timeout": 1e999', "/run_timeout"),
        ('"run_timeout": 1' + "0" * 400, "/run_timeout"),
        ('"run_timeout": 0', "/run_timeout"),
        ('"grace_period": null', "/grace_period"),
        ('"retry": {"max_attempts": 1.5}', "/retry/max_attempts"),
        ('"retry": {"max_attempts": 1' + "0" * 30 + "}", "/retry/max_attempts"),
        ('"retry": {"on": ["rain"]}', "/retry/on/0"),
        ('"retry": 5', "/retry"),
        ('"log_limit": {"bytes": -1}', "/log_limit/bytes"),
        ('"labels": {"a": 1}', "/labels/a"),
        ('"labels": ["a"]', "/labels"),
        ('"env": {"A~/B": 1}', "/env/A~0~1B"),
        ('"env": {"A": null}', "/env/A"),
        ('"not_before": "2030-01-31T12:00:00"', "/not_before"),
        ('"not_before": "2030-02-31T12:00:00Z"', "/not_before"),
        ('"not_before": 1900000000', "/not_before"),
        ('"not_before": "1900000000"', "/not_before"),
        ('"on_lost": "cry"', "/on_lost"),
        ('"replace": "soon"', "/replace"),
        ('"name": 5', "/name"),
        ('"prority": 5', "/prority"),
        ('"retry": {"backoff": {"initial": 1, "speed": 2}}', "/retry/backoff/speed"),
        ('"log_limit": {"lines": 2}', "/log_limit/lines"),
    ],
)
def test_a_wrong_field_is_named_by_its_pointer(fields, pointer) -> None:
    assert set(problems_of(f'{{"command": "true", {fields}}}')) == {pointer}


@pytest.mark.parametrize(
    ("command", "pointer"),
    [("5", "/command"), ("null", "/command"), ("{}", "/command"), ('["a", 1]', "/command/1"), ("[]", "/command")],
)
def test_a_wrong_command_is_named_by_its_pointer(command, pointer) -> None:
    assert set(problems_of(f'{{"command": {command}}}')) == {pointer}


def test_an_unknown_field_is_told_the_known_ones_of_its_place() -> None:
    problems = problems_of('{"command": "true", "comand": 1, "retry": {"tries": 2}}')

    assert problems["/retry/tries"] == "unknown field; known are max_attempts, on, backoff"
    assert problems["/comand"] == f"unknown field; known are {', '.join(JobBody.model_fields)}"


def test_all_that_is_wrong_is_told_at_once() -> None:
    problems = problems_of('{"priority": 5000, "cwd": "here", "run_timeout": "x", "env": {"1": "x"}, "nonsense": 1}')

    assert set(problems) == {"/command", "/priority", "/cwd", "/run_timeout", "/env/1", "/nonsense"}


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b'{"command": "\\ud800"}', b'{"a": 01}', b"[" * 100_000, b'{"a":' * 500, b"9" * 5000],
    ids=["empty", "open", "bytes", "surrogate", "octal", "deep list", "deep object", "digits"],
)
def test_what_is_not_json_is_unreadable(raw) -> None:
    with pytest.raises(UnreadableBody):
        read_job(raw)


@pytest.mark.parametrize("raw", [b"[]", b"null", b"5", b'"true"'])
def test_what_is_no_object_is_no_job(raw) -> None:
    assert problems_of(raw) == {"": "must be an object"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*JobBody.model_fields, "x"]), _JSON, max_size=5))
def test_whatever_is_submitted_is_read_or_refused_with_pointers_into_it(submitted) -> None:
    pointers = pointers_of(json.dumps(submitted).encode())

    assert pointers is None or (pointers and all(pointer.startswith("/") for pointer in pointers))


def pointers_of(raw: bytes) -> list[str] | None:
    """Of all that is wrong; None if it was read, or is not even JSON."""
    try:
        read_job(raw)
    except UnreadableBody:
        return None
    except InvalidJob as refused:
        return [problem.pointer for problem in refused.problems]
    return None


@pytest.mark.parametrize(
    "body",
    [
        {"command": ["true"], "env": {"KEY": 1, "A-B": "s3cret"}, "stdin": "s3cret"},
        {"command": ["s3cret\0"], "env": {"A": "s3cret"}},
        {"command": "s3cret", "stdin": "s3cret\0\ud800"},
        {"command": {"s": "s3cret"}},
        {"command": ["true"], "not_before": "s3cret", "priority": "s3cret", "on_lost": "s3cret"},
    ],
)
def test_no_value_is_repeated_in_an_error(client, caplog, body) -> None:
    answer = client.post(JOBS, content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 422} or "s3cret" in answer.json()["command"]
    assert answer.status_code == 201 or "s3cret" not in answer.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("concurrency", "pointer"),
    [
        ({}, "/concurrency/key"),
        ({"key": ""}, "/concurrency/key"),
        ({"key": "a\0b"}, "/concurrency/key"),
        ({"key": "é" * 129}, "/concurrency/key"),
        ({"key": "k", "limit": 0}, "/concurrency/limit"),
        ({"key": "k", "limit": 1001}, "/concurrency/limit"),
        ({"key": "k", "max_waiting": -1}, "/concurrency/max_waiting"),
        ({"key": "k", "on_conflict": "shrug"}, "/concurrency/on_conflict"),
        ({"key": "k", "seats": 1}, "/concurrency/seats"),
        ("k", "/concurrency"),
    ],
)
def test_a_concurrency_key_that_cannot_be_is_named(concurrency, pointer) -> None:
    assert set(problems_of(json.dumps({"command": "true", "concurrency": concurrency}))) == {pointer}
