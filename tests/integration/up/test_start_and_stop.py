import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import pytest

from tests.integration.server import Server, arguments_of, processes_with, until

pytestmark = pytest.mark.servers


def test_ctrl_c_stops_it_within_three_seconds_with_streams_open(server: Server) -> None:
    server.start()
    usually = seconds_to_stop(server)  # a second at most, unless everything is slow here
    server.start()
    client = server.client()
    job = client.submit(["sh", "-c", "echo first; sleep 60"])
    heard: list[bytes] = []
    follower = Thread(target=lambda: heard.extend(_patiently(client.logs(job, follow=True))), daemon=True)
    follower.start()
    until(lambda: heard)

    assert seconds_to_stop(server) < 3 * max(1.0, usually)

    server.start()
    with server.client() as client:
        client.cancel(job)
        assert client.wait(job, timeout=60).state == "cancelled"


def seconds_to_stop(server: Server) -> float:
    begun = time.monotonic()
    assert server.stop() == 0
    return time.monotonic() - begun


def test_it_does_not_wait_for_a_supervisor_that_is_silent(server: Server) -> None:
    server.start()
    with server.client() as client:
        client.wait(client.submit(["true"]), timeout=60)
    (supervisor,) = [pid for pid in processes_with(str(server.data_dir)) if b"\0serve\0" in arguments_of(pid)]
    os.kill(supervisor, signal.SIGSTOP)
    try:
        time.sleep(1.5)  # until it is asked something, which nothing tells

        assert seconds_to_stop(server) < 9, "an answer of the supervisor is waited for for ten"
        assert "Traceback" not in server.errors()
    finally:
        os.kill(supervisor, signal.SIGCONT)


def test_being_asked_to_stop_while_it_starts_counts(server: Server) -> None:
    server.environment["RUNYARD_FAILPOINTS"] = "register_runner.before_commit=sleep:3"
    process = _started_up(server, "--port", "0", "--json")
    try:
        until(lambda: _is_migrated(server.data_dir / "runyard.db"))

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.communicate()
        del server.environment["RUNYARD_FAILPOINTS"]


def test_what_runs_goes_on_and_is_adopted_by_the_next_server(server: Server, tmp_path: Path) -> None:
    go, gone = tmp_path / "go", tmp_path / "gone"
    server.start()
    with server.client() as client:
        job = client.submit(f"echo before; until test -e {go}; do sleep 0.1; done; echo after; touch {gone}; exit 7")
        until(lambda: client.get(job.id).state == "running")
    server.stop()

    go.touch()
    until(gone.exists)
    server.start()

    with server.client() as client:
        done = client.wait(job, timeout=60)
        assert (done.exit_code, done.attempt) == (7, 1)
        assert b"".join(client.logs(job)) == b"before\nafter\n"


def test_it_says_on_leaving_what_becomes_of_running_jobs(server: Server) -> None:
    server.start()
    with server.client() as client:
        job = client.submit(["sleep", "30"])
        until(lambda: client.get(job.id).state == "running")
    server.stop()
    told = _up(server, "--port", "0", until_said="Runyard is up")

    assert "1 running job goes on, and will be adopted by the next `runyard up`" in told.stdout
    server.start()
    with server.client() as client:
        client.cancel(job)
        assert client.wait(job, timeout=60).state == "cancelled"


def test_nothing_is_left_of_a_server_that_had_nothing_to_do(server: Server) -> None:
    server.start()
    with server.client() as client:
        client.wait(client.submit(["true"]), timeout=60)

    assert server.stop() == 0

    assert processes_with(str(server.data_dir)) == []


def test_a_second_server_on_the_same_data_is_refused_clearly(server: Server) -> None:
    server.start()

    refused = _up(server, "--port", "0")

    assert refused.returncode == 5
    assert "another Runyard" in refused.stderr
    assert "--data-dir" in refused.stderr
    with server.client() as client:
        assert client.wait(client.submit(["true"]), timeout=60).state == "succeeded"


def test_a_port_that_is_taken_is_named(server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = _up(server, "--port", str(port))

    assert refused.returncode == 5
    assert str(port) in refused.stderr


def test_a_wrong_setting_is_named_by_its_variable(server: Server) -> None:
    server.environment["RUNYARD_SLOTS"] = "many"
    server.environment["RUNYARD_LOG_LEVEL"] = "loud"

    refused = _up(server, without_slots=True)

    assert refused.returncode == 2
    assert "RUNYARD_SLOTS" in refused.stderr
    assert "RUNYARD_LOG_LEVEL" in refused.stderr
    del server.environment["RUNYARD_SLOTS"], server.environment["RUNYARD_LOG_LEVEL"]


def test_it_warns_when_jobs_would_run_as_root(server: Server) -> None:
    server.start()

    assert ("jobs will run as root" in server.errors()) == (os.geteuid() == 0)


def test_secrets_of_a_job_are_in_no_log_and_no_argument_list(server: Server) -> None:
    server.environment["RUNYARD_LOG_LEVEL"] = "debug"
    server.start()
    with server.client() as client:
        job = client.submit("sleep 600 # s3cr3t-script", env={"PASSWORD": "s3cr3t-env"}, stdin="s3cr3t-stdin")
        until(lambda: client.get(job.id).state == "running")
        arguments = _all_arguments()
        client.wait(client.cancel(job), timeout=60)
        problem = client_error(lambda: client.submit(["true"], env={"not a name": "s3cr3t-env"}))

    assert "s3cr3t" not in arguments
    assert "s3cr3t" not in problem
    assert "s3cr3t" not in server.errors()
    for file in (server.data_dir / "supervisor").rglob("err*"):
        assert b"s3cr3t" not in file.read_bytes()


def client_error(call) -> str:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it says is looked at
        return repr(error)
    raise AssertionError("not refused")


def _all_arguments() -> str:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return listed.stdout


def _patiently(chunks):
    try:
        yield from chunks
    except Exception:  # noqa: BLE001 - the server is stopped under it
        return


def _is_migrated(database: Path) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.OperationalError):
        connection.execute("select id from runner")
        return True
    return False


def _started_up(server: Server, *options: str):
    return subprocess.Popen(
        [sys.executable, "-m", "runyard.entrypoints.cli", "up", "--data-dir", str(server.data_dir), *options],
        env=server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _up(server: Server, *options: str, until_said: str | None = None, without_slots: bool = False):
    """Another `runyard up` on the same data: one that ends by itself, or is ended by Ctrl-C once it has said this."""
    process = _started_up(server, *([] if without_slots else ["--slots", "4"]), *options)
    if until_said is not None:
        assert process.stdout is not None
        assert any(until_said in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess([], process.returncode, " ".join(out.split()), " ".join(err.split()))
