from datetime import UTC, datetime, timedelta, timezone

import pytest

from runyard.domain.errors import Refusal
from runyard.domain.jobs.errors import InvalidJob
from runyard.domain.jobs.limits import Backoff, LogLimit, OnLost, RetryCause, RetryPolicy
from runyard.domain.jobs.spec import MAX_ARGUMENT_BYTES, MAX_SECONDS, MAX_TEXT_BYTES
from tests.builders import a_spec

HUGE = 10**400
NAN, INF = float("nan"), float("inf")


def pointers(**values):
    with pytest.raises(InvalidJob) as caught:
        a_spec(**values)
    return [problem.pointer for problem in caught.value.problems]


def retrying(**values):
    return RetryPolicy(backoff=Backoff(**values))


WRONG = [
    ({"command": ()}, "/command"),
    ({"command": ("",)}, "/command"),
    ({"command": ""}, "/command"),
    ({"command": " \n\t"}, "/command"),
    ({"command": "true\0"}, "/command"),
    ({"command": "echo \ud800"}, "/command"),
    ({"command": "x" * (MAX_TEXT_BYTES + 1)}, "/command"),
    ({"command": ("echo", "a\0b")}, "/command/1"),
    ({"command": ("echo", "\udfff")}, "/command/1"),
    ({"command": ("echo", "x" * (MAX_ARGUMENT_BYTES + 1))}, "/command/1"),
    ({"command": ("echo", "€" * (MAX_ARGUMENT_BYTES // 3 + 1))}, "/command/1"),
    ({"name": "x" * 201}, "/name"),
    ({"name": "\0"}, "/name"),
    ({"labels": {"": "x"}}, "/labels/"),
    ({"labels": {"-a": "x"}}, "/labels/-a"),
    ({"labels": {"a/b~c d": "x"}}, "/labels/a~1b~0c d"),
    ({"labels": {"a\n": "x"}}, "/labels/a\n"),
    ({"labels": {"\ud800": "x"}}, "/labels/\\ud800"),
    ({"labels": {"a": "x" * 257}}, "/labels/a"),
    ({"labels": {f"k{n}": "" for n in range(65)}}, "/labels"),
    ({"env": {"1A": "x"}}, "/env/1A"),
    ({"env": {"A=B": "x"}}, "/env/A=B"),
    ({"env": {"A\n": "x"}}, "/env/A\n"),
    ({"env": {"": "x"}}, "/env/"),
    ({"env": {"A": "x\0"}}, "/env/A"),
    ({"env": {"A": "\ud800"}}, "/env/A"),
    ({"env": {"A": "x" * MAX_ARGUMENT_BYTES}}, "/env/A"),
    ({"cwd": ""}, "/cwd"),
    ({"cwd": "home"}, "/cwd"),
    ({"cwd": "/" + "x" * 4095}, "/cwd"),
    ({"cwd": "/a\0"}, "/cwd"),
    ({"stdin": "\udc80"}, "/stdin"),
    ({"stdin": "x" * (MAX_TEXT_BYTES + 1)}, "/command"),
    ({"queue": ""}, "/queue"),
    ({"queue": "*"}, "/queue"),
    ({"queue": "a\n"}, "/queue"),
    ({"queue": "x" * 64}, "/queue"),
    ({"priority": 1001}, "/priority"),
    ({"priority": -HUGE}, "/priority"),
    *(
        ({name: wrong}, f"/{name}")
        for name in ("run_timeout", "queue_timeout", "total_timeout", "lost_after")
        for wrong in (0, -1, NAN, INF, -INF, HUGE, MAX_SECONDS + 1)
    ),
    *(({"grace_period": wrong}, "/grace_period") for wrong in (-1, 3601, NAN, INF, HUGE)),
    *(({"retry": RetryPolicy(max_attempts=wrong)}, "/retry/max_attempts") for wrong in (0, 101, HUGE)),
    *(({"retry": RetryPolicy(crash_limit=wrong)}, "/crash_limit") for wrong in (0, 101, HUGE)),
    *(
        ({"retry": retrying(**{name: wrong})}, f"/retry/backoff/{name}")
        for name in ("initial", "factor", "max", "jitter")
        for wrong in (-1, NAN, INF, HUGE)
    ),
    ({"retry": retrying(factor=0.5)}, "/retry/backoff/factor"),
    ({"retry": RetryPolicy(on=frozenset({RetryCause.LOST})), "on_lost": OnLost.FAIL}, "/retry/on"),
    *(({"log_limit": LogLimit(bytes=wrong)}, "/log_limit/bytes") for wrong in (-1, (1 << 40) + 1, HUGE)),
    ({"not_before": datetime(2030, 1, 1)}, "/not_before"),  # noqa: DTZ001
    ({"not_before": datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))}, "/not_before"),
    ({"not_before": datetime.min.replace(tzinfo=timezone(timedelta(hours=12)))}, "/not_before"),
]


@pytest.mark.parametrize(("values", "pointer"), WRONG, ids=[f"{n}:{p!a}" for n, (_, p) in enumerate(WRONG)])
def test_a_wrong_value_is_named_by_its_pointer(values, pointer):
    assert pointers(**values) == [pointer]


@pytest.mark.parametrize(("values", "pointer"), WRONG, ids=[f"{n}:{p!a}" for n, (_, p) in enumerate(WRONG)])
def test_what_is_wrong_is_said_in_text_that_can_be_sent(values, pointer):
    with pytest.raises(InvalidJob) as caught:
        a_spec(**values)

    assert str(caught.value).encode()
    assert len(str(caught.value)) < 300


def test_all_problems_are_told_at_once():
    assert pointers(command=(), cwd="x", env={"1": ""}, priority=5000, run_timeout=-1) == [
        "/command",
        "/env/1",
        "/cwd",
        "/priority",
        "/run_timeout",
    ]


def test_an_invalid_job_is_refused_as_invalid():
    with pytest.raises(InvalidJob) as caught:
        a_spec(priority=5000)

    assert caught.value.refusal is Refusal.INVALID
    assert str(caught.value).startswith("/priority: must be")


@pytest.mark.parametrize(
    "values",
    [
        {"command": ("echo", "")},
        {"command": "x" * MAX_TEXT_BYTES},
        {"command": ("echo", "x" * MAX_ARGUMENT_BYTES)},
        {"command": ("echo", "ünï\u202e\U0001f600\x1b[31m")},
        {"env": {"_A1": ""}},
        {"env": {"A": "x" * (MAX_ARGUMENT_BYTES - 2)}},
        {"stdin": "\0 is fine in a file"},
        {"labels": {"a/b.c-d_e": "anything at all"}},
        {"name": ""},
        {"cwd": "/"},
        {"priority": -1000},
        {"run_timeout": 0.001, "total_timeout": MAX_SECONDS},
        {"grace_period": 0},
        {"retry": RetryPolicy(max_attempts=100, backoff=Backoff(initial=0, factor=1, max=0))},
        {"log_limit": LogLimit(bytes=0)},
        {"not_before": datetime(9998, 12, 31, tzinfo=UTC)},
    ],
    ids=",".join,
)
def test_what_is_at_the_edge_is_accepted(values):
    a_spec(**values)


def test_secrets_and_commands_do_not_print():
    spec = a_spec(command=("login", "hunter2"), env={"TOKEN": "hunter2"}, stdin="hunter2")

    assert "hunter2" not in repr(spec)
    assert "TOKEN" not in repr(spec)
