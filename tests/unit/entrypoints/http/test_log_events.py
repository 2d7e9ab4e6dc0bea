import json
from typing import Any

import pytest

from runyard.application.ports.executor import Reported, Started
from runyard.domain.jobs.attempt import Progress
from runyard.domain.jobs.errors import AttemptNotFound, JobNotFound
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import Backoff, RetryPolicy
from runyard.domain.jobs.log import Stream
from runyard.entrypoints.http.log_events import JobFollower, Point
from runyard.entrypoints.http.problems import Refused
from tests.builders import a_job_id
from tests.unit.application.yard import MemoryYard, ended

from .house import JOBS, output, provided_by

TWICE = RetryPolicy(max_attempts=2, backoff=Backoff(initial=0, max=0))


class Told:
    """What a follower says until it has nothing to say for now."""

    def __init__(self, yard: MemoryYard, job: Job, *, only: int | None = None, after: str | None = None) -> None:
        point = Point.parsed(after, "after") if after else None
        self._follower = JobFollower(provided_by(yard), job.id, only=only, after=point)
        self.done = False

    def events(self) -> list[tuple[str, str, Any]]:
        found = []
        while not self.done:
            look = self._follower.look()
            found += [parsed(event) for event in look.events]
            self.done = look.done
            if not look.more:
                break
        return found

    def names(self) -> list[tuple[str, str]]:
        """Each event and its id."""
        return [(name, point) for name, point, _ in self.events()]


def parsed(event: bytes) -> tuple[str, str, Any]:
    name, point, data, *rest = event.decode().split("\n")
    assert rest == ["", ""]
    return name.removeprefix("event: "), point.removeprefix("id: "), json.loads(data.removeprefix("data: "))


def running(yard: MemoryYard, **asked: Any) -> Job:
    job = yard.assigned(**asked)
    yard.report(Started(job.ref, "group"), fence=job.fence)
    return job


def written(yard: MemoryYard, job: Job, offset: int, data: bytes) -> None:
    yard.append(output(job, offset, (Stream.STDOUT, data)), fence=job.fence)


def test_a_job_is_followed_from_waiting_to_its_end(yard) -> None:
    job = yard.submit()
    told = Told(yard, job)
    assert [(name, point, view["state"]) for name, point, view in told.events()] == [("state", "1:0", "queued")]
    assert told.events() == []

    (assigned,) = yard.assign()
    yard.report(Started(assigned.job.ref, "group"), fence=assigned.job.fence)
    written(yard, assigned.job, 0, b"hello")
    state, log = told.events()
    assert (state[0], state[2]["state"]) == ("state", "running")
    assert log == (
        "log",
        "1:5",
        {"attempt": 1, "stream": "stdout", "offset": 0, "encoding": "utf-8", "data": "hello"},
    )

    yard.report(ended(assigned.job, 3, log_size=5), fence=assigned.job.fence)
    last = told.events()
    assert [(name, point, view["exit_code"]) for name, point, view in last] == [("state", "1:5", 3), ("end", "1:5", 3)]
    assert told.done


def test_progress_is_a_change_of_state(yard) -> None:
    job = running(yard)
    told = Told(yard, job)
    told.events()

    yard.report(Reported(job.ref, Progress(percent=40)), fence=job.fence)

    ((name, _, view),) = told.events()
    assert (name, view["progress"]["percent"]) == ("state", 40)


def test_all_attempts_are_told_in_order(yard) -> None:
    first = running(yard, retry=TWICE)
    written(yard, first, 0, b"one")
    yard.report(ended(first, 1, log_size=3), fence=first.fence)
    yard.sweep()
    (second,) = yard.assign()
    written(yard, second.job, 0, b"two!")

    assert Told(yard, first).names() == [("state", "1:0"), ("log", "1:3"), ("log", "2:4")]
    assert Told(yard, first, only=1).names() == [("state", "1:0"), ("log", "1:3"), ("end", "1:3")]
    assert Told(yard, first, only=2).names() == [("state", "2:0"), ("log", "2:4")]
    assert Told(yard, first, after="1:2").names() == [("state", "1:2"), ("log", "1:3"), ("log", "2:4")]
    assert Told(yard, first, after="2:1").names() == [("state", "2:1"), ("log", "2:4")]


def test_a_follower_goes_on_behind_any_byte(yard) -> None:
    job = running(yard)
    data = "a€b".encode()
    written(yard, job, 0, data)

    for offset in range(len(data) + 1):
        events = Told(yard, job, after=f"1:{offset}").events()
        logs = [event for event in events if event[0] == "log"]
        assert [event[2]["offset"] for event in logs][:1] == ([offset] if offset < len(data) else [])


def test_an_id_never_stands_behind_what_is_held_back(yard) -> None:
    job = running(yard)
    written(yard, job, 0, b"a\xe2\x82")
    told = Told(yard, job)

    assert told.names() == [("state", "1:0"), ("log", "1:1")]
    written(yard, job, 3, b"\xac")
    assert told.names() == [("log", "1:4")]


def test_what_is_held_back_is_told_when_the_log_is_complete(yard) -> None:
    job = running(yard)
    written(yard, job, 0, b"a\xe2")
    told = Told(yard, job)
    told.events()

    yard.report(ended(job, log_size=2), fence=job.fence)

    assert told.names() == [("state", "1:1"), ("log", "1:2"), ("end", "1:2")]


def test_a_job_cancelled_while_it_waited_ends_at_once(yard) -> None:
    job = yard.submit()
    yard.cancel(job.id)

    assert Told(yard, job).names() == [("state", "1:0"), ("end", "1:0")]


def test_coming_back_after_the_end_tells_the_end_again(yard) -> None:
    job = running(yard)
    written(yard, job, 0, b"abc")
    yard.report(ended(job, log_size=3), fence=job.fence)
    (_, point) = Told(yard, job).names()[-1]

    assert Told(yard, job, after=point).names() == [("state", "1:3"), ("end", "1:3")]


def test_a_job_without_an_attempt_may_be_followed_from_its_beginning(yard) -> None:
    assert Told(yard, yard.submit(), after="1:0").names() == [("state", "1:0")]


def test_a_long_log_is_told_in_bounded_looks(yard) -> None:
    job = running(yard)
    for begin in range(0, 1 << 20, 1 << 16):
        written(yard, job, begin, b"x" * (1 << 16))
    follower = JobFollower(provided_by(yard), job.id, only=None, after=None)

    sizes = [sum(map(len, follower.look().events)) for _ in range(8)]

    assert max(sizes) < 300 * 1024
    assert sum(sizes) > 1 << 20


def test_following_nothing_is_refused(yard) -> None:
    with pytest.raises(JobNotFound):
        JobFollower(provided_by(yard), a_job_id(), only=None, after=None)
    with pytest.raises(AttemptNotFound):
        Told(yard, yard.submit(), only=1)


@pytest.mark.parametrize("after", ["1:4", "2:0", "9:9"])
def test_a_point_beyond_what_was_written_is_refused(yard, after) -> None:
    job = running(yard)
    written(yard, job, 0, b"abc")

    with pytest.raises(Refused, match="beyond"):
        Told(yard, job, after=after)


def test_a_point_in_another_attempt_than_the_named_one_is_refused(yard) -> None:
    with pytest.raises(Refused, match="another attempt"):
        Told(yard, running(yard), only=1, after="2:0")


GARBAGE = [
    "",
    "x",
    "1",
    "1:",
    ":1",
    "0:0",
    "-1:0",
    "1:-1",
    "1:01",
    "1:1:1",
    " 1:1",
    "1:1 ",
    "\u0661:1",
    "1:" + "9" * 19,
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_garbage_point_is_refused_by_name(yard, client, garbage) -> None:
    answer = client.get(f"{JOBS}/{yard.submit().id}/log/stream", params={"after": garbage})

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "after")


@pytest.mark.parametrize("garbage", ["x", "1:01", "\xff", "1:" + "9" * 5000])
def test_a_garbage_last_event_id_is_refused_by_name(yard, client, garbage) -> None:
    headers = {b"Last-Event-ID": garbage.encode("latin-1")}

    answer = client.get(f"{JOBS}/{yard.submit().id}/log/stream?after=1:0", headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "Last-Event-ID")


def test_states_are_told_without_what_may_be_large_and_secret(yard) -> None:
    job = running(yard, env={"TOKEN": "s3cr3t"}, stdin="s3cr3t", command="x" * 5000)
    yard.report(ended(job), fence=job.fence)

    events = Told(yard, job).events()

    assert [name for name, _, _ in events] == ["state", "end"]
    for _, _, told in events:
        assert "s3cr3t" not in json.dumps(told)
        assert (told["id"], told["command_cut"]) == (job.id, True)
