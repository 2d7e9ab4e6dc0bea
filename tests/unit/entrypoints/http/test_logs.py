import pytest

from runyard.application.ports.executor import Started
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import Backoff, RetryPolicy
from runyard.domain.jobs.log import Stream
from tests.unit.application.yard import MemoryYard, ended

from .house import JOBS, output

TWICE = RetryPolicy(max_attempts=2, backoff=Backoff(initial=0, max=0))


@pytest.fixture
def job(yard: MemoryYard) -> Job:
    job = yard.assigned(retry=TWICE)
    yard.report(Started(job.ref, "group"), fence=job.fence)
    out, err, system = Stream
    chunk = output(job, 0, (out, b"one\n"), (err, b"\xff\x00\r\n"), (system, b"cut"), (out, b"2"))
    yard.append(chunk, fence=job.fence)
    return job


def test_the_log_is_what_was_written_byte_by_byte(client, job) -> None:
    answer = client.get(f"{JOBS}/{job.id}/log")

    assert answer.content == b"one\n\xff\x00\r\ncut2"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("stream", "data"), [("stdout", b"one\n2"), ("stderr", b"\xff\x00\r\n"), ("system", b"cut")])
def test_one_stream_may_be_asked_for(client, job, stream, data) -> None:
    assert client.get(f"{JOBS}/{job.id}/log?stream={stream}").content == data


def test_the_latest_attempt_is_told_unless_one_is_named(yard, client, job) -> None:
    yard.report(ended(job, 1, log_size=12), fence=job.fence)
    yard.sweep()
    (again,) = yard.assign()
    yard.append(output(again.job, 0, (Stream.STDOUT, b"again")), fence=again.job.fence)

    assert client.get(f"{JOBS}/{job.id}/log").content == b"again"
    assert client.get(f"{JOBS}/{job.id}/log?attempt=2").content == b"again"
    assert client.get(f"{JOBS}/{job.id}/log?attempt=1&stream=system").content == b"cut"


def test_a_long_log_comes_whole_and_in_order(yard, client) -> None:
    job = yard.assigned()
    data = bytes(range(256)) * 4096
    for begin in range(0, len(data), 100_000):
        yard.append(output(job, begin, (Stream.STDOUT, data[begin : begin + 100_000])), fence=job.fence)

    assert client.get(f"{JOBS}/{job.id}/log").content == data


def test_an_attempt_that_never_was_is_not_found(client, job) -> None:
    answer = client.get(f"{JOBS}/{job.id}/log?attempt=2")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:runyard:problem:attempt-not-found")


@pytest.mark.parametrize("query", ["attempt=0", "attempt=-1", "attempt=x", "attempt=" + "9" * 30, "stream=stdin"])
def test_a_wrong_parameter_of_the_log_is_named(client, job, query) -> None:
    answer = client.get(f"{JOBS}/{job.id}/log?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["stream=null", "attempt=NULL", "stream=NuLl"])
def test_null_is_no_way_to_leave_a_parameter_out(client, job, query) -> None:
    answer = client.get(f"{JOBS}/{job.id}/log?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]
