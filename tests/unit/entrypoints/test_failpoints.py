import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from runyard.entrypoints.failpoints import FailpointReachedError, Failpoints, WatchedHost, parse_failpoints


class Work:
    def __init__(self) -> None:
        self.commits = 0

    def commit(self) -> None:
        self.commits += 1


def begin_of(work: Work):
    @contextmanager
    def begin() -> Iterator[Work]:
        yield work

    return begin


def test_nothing_is_wrapped_unless_a_failpoint_is_set() -> None:
    begin = begin_of(Work())

    assert Failpoints("").around("cancel_job", begin) is begin


@pytest.mark.parametrize(("moment", "commits"), [("before_commit", 0), ("after_commit", 1)])
def test_a_use_case_fails_around_its_commit(moment: str, commits: int) -> None:
    work = Work()
    begin = Failpoints(f"cancel_job.{moment}=raise").around("cancel_job", begin_of(work))

    with pytest.raises(FailpointReachedError), begin() as watched:
        watched.commit()

    assert work.commits == commits


def test_only_the_named_visit_of_the_named_place_is_hurt() -> None:
    points = Failpoints("assign_jobs.after_commit=raise@2")

    points.reach("cancel_job.after_commit")
    points.reach("assign_jobs.after_commit")
    with pytest.raises(FailpointReachedError):
        points.reach("assign_jobs.after_commit")
    points.reach("assign_jobs.after_commit")


def test_starts_are_between_two_failpoints_and_empty_ones_are_not() -> None:
    class Host:
        started = 0

        def start(self, _hello: object, _orders: object) -> None:
            self.started += 1

    host = Host()
    watched = WatchedHost(host, Failpoints("execute_jobs.before_start=raise"))

    watched.start(None, [])
    with pytest.raises(FailpointReachedError):
        watched.start(None, ["an order"])
    assert host.started == 1


def test_a_process_can_be_killed_at_a_failpoint() -> None:
    script = (
        "from runyard.entrypoints.failpoints import Failpoints as F; F('x.before_start=kill').reach('x.before_start')"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    "text", ["x", "x.after_commit", "x.later=kill", "x.after_commit=explode", "x.after_commit=kill@often", "=kill"]
)
def test_a_failpoint_that_means_nothing_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no failpoint"):
        parse_failpoints(text)


def test_a_nap_has_a_length() -> None:
    assert parse_failpoints("a.after_commit=sleep:0.5, b.before_commit=stop@3")["a.after_commit"].action == "sleep:0.5"
    with pytest.raises(ValueError, match="is no failpoint"):
        parse_failpoints("a.after_commit=sleep:soon")
