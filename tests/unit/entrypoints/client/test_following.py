"""Every byte once, whatever happens to the connection and to the server."""

import hashlib
import random
import threading
import time

import pytest

from runyard.entrypoints.client.client import connect
from runyard.entrypoints.client.errors import RunyardClientError, ServerUnreachable, WaitTimedOut
from runyard.entrypoints.client.jobs import JobSummary, LogChunk
from runyard.entrypoints.discovery import Discovery, write_discovery

from ..yard_server import TOKEN


def later(seconds, action) -> threading.Thread:
    thread = threading.Timer(seconds, action)
    thread.start()
    return thread


def test_output_and_states_come_in_order_and_the_end_is_last(client, server) -> None:
    job = server.job()
    job.becomes("running")
    job.writes("grüße\n".encode())
    job.writes(b"\xff\xfe", "stderr")
    job.becomes("succeeded", exit_code=0)

    said = list(client.follow(job.view["id"]))

    assert [each.state if isinstance(each, JobSummary) else each.data for each in said] == [
        "running",
        "grüße\n".encode(),
        b"\xff\xfe",
        "succeeded",
    ]
    assert [each.stream for each in said if isinstance(each, LogChunk)] == ["stdout", "stderr"]


@pytest.mark.parametrize("forgetful", [False, True])
def test_every_byte_comes_once_through_connections_cut_anywhere(client, server, forgetful) -> None:
    chance = random.Random(7)  # noqa: S311 - repeatable on purpose
    server.forgetful = forgetful
    job = server.job()
    written = hashlib.sha256()
    for _ in range(60):
        data = chance.randbytes(chance.randrange(1, 300))
        written.update(data)
        job.writes(data, chance.choice(["stdout", "stderr"]))
    job.becomes("succeeded")
    job.cuts.extend(chance.randrange(0, 15000 if forgetful else 1200) for _ in range(12))

    read = hashlib.sha256(b"".join(client.logs(job.view["id"], follow=True)))

    assert read.hexdigest() == written.hexdigest()
    assert not job.cuts


def test_a_server_that_is_killed_and_comes_back_is_followed_on(client, server) -> None:
    job = server.job()
    job.writes(b"before\n")
    port = server.port

    def restart() -> None:
        server.kill()
        time.sleep(0.4)
        job.writes(b"after\n")
        job.becomes("failed", reason="exit_code", exit_code=3)
        server.start(port)

    thread = later(0.2, restart)
    said = list(client.follow(job.view["id"]))
    thread.join()

    assert b"".join(each.data for each in said if isinstance(each, LogChunk)) == b"before\nafter\n"
    assert isinstance(said[-1], JobSummary)
    assert said[-1].exit_code == 3


def test_a_server_that_comes_back_elsewhere_is_found_by_its_file(server, tmp_path) -> None:
    (tmp_path / "token").write_text(TOKEN)

    def announce() -> None:
        file = str(tmp_path / "token")
        write_discovery(Discovery(url=server.url, token_file=file, data_dir=str(tmp_path), pid=1))

    def move() -> None:
        server.kill()
        job.becomes("succeeded")
        time.sleep(0.2)
        server.start()
        announce()

    announce()
    job = server.job()
    with connect(patience=60) as client:
        thread = later(0.2, move)
        assert client.wait(job.view["id"]).succeeded
        thread.join()


def test_patience_ends(server) -> None:
    job = server.job()
    with connect(server.url, token=TOKEN, patience=0.5) as client:
        later(0.1, server.kill)
        started = time.monotonic()
        with pytest.raises(ServerUnreachable):
            list(client.follow(job.view["id"]))

    assert 0.5 <= time.monotonic() - started < 30


def test_a_refusal_ends_the_following_at_once(client) -> None:
    with pytest.raises(RunyardClientError) as caught:
        list(client.follow("missing"))

    assert caught.value.code == "job-not-found"


def test_a_busy_server_is_asked_again(client, server) -> None:
    job = server.job()
    job.becomes("succeeded")
    server.refusals.extend([(503, {}), (429, {}), (502, {})])

    assert client.wait(job.view["id"]).succeeded


def test_one_stream_alone_can_be_followed(client, server) -> None:
    job = server.job()
    job.writes(b"out")
    job.writes(b"err", "stderr")
    job.becomes("succeeded")

    assert b"".join(client.logs(job.view["id"], follow=True, stream="stderr")) == b"err"


def test_waiting_ends_with_the_finished_job(client, server) -> None:
    job = server.job()
    later(0.2, lambda: job.becomes("failed", reason="timeout"))

    assert client.wait(job.view["id"]).reason == "timeout"


def test_waiting_has_a_limit(client, server) -> None:
    started = time.monotonic()
    with pytest.raises(WaitTimedOut):
        client.wait(server.job().view["id"], timeout=0.3)

    assert 0.3 <= time.monotonic() - started < 30


def test_a_wait_that_is_too_short_is_a_timeout_like_any_other(client, server) -> None:
    with pytest.raises(TimeoutError):
        client.wait(server.job().view["id"], timeout=0)


def test_waiting_asks_again_and_again_where_there_is_no_stream(client, server) -> None:
    server.without_stream = True
    job = server.job()
    later(0.2, lambda: job.becomes("succeeded"))

    assert client.wait(job.view["id"]).succeeded


def test_waiting_with_a_limit_outlives_a_restart(client, server) -> None:
    job, port = server.job(), server.port

    def restart() -> None:
        server.kill()
        job.becomes("succeeded")
        time.sleep(0.2)
        server.start(port)

    thread = later(0.1, restart)
    assert client.wait(job.view["id"], timeout=60).succeeded
    thread.join()


def test_waiting_does_not_carry_the_output_of_a_talkative_job(client, server) -> None:
    job = server.job()
    for _ in range(40):
        job.writes(b"x" * 65536)
    later(0.3, lambda: job.becomes("succeeded"))

    assert client.wait(job.view["id"]).succeeded
    assert any(path == f"/api/v1/jobs/{job.view['id']}" for _, path, _, _ in server.requests)
