"""The other commands against a real server, and programs that import the library."""

import hashlib
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.integration.server import until

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.machine


def test_a_job_is_submitted_listed_shown_and_cancelled(runyard) -> None:
    job_id = runyard("submit", "--name", "nap", "--label", "team=a", "--", "sleep", "300").stdout.decode().strip()
    until(lambda: runyard("ps", "--state", "running", "-q").stdout.decode().strip() == job_id)

    shown = json.loads(runyard("job", "show", job_id[-7:], "--json").stdout)
    assert (shown["name"], shown["labels"], shown["attempts"][0]["state"]) == ("nap", {"team": "a"}, "running")

    assert runyard("cancel", job_id[-7:]).returncode == 0
    until(lambda: json.loads(runyard("job", "show", "@last", "--json").stdout)["state"] == "cancelled")
    assert runyard("ps", "-q").stdout == b""
    assert runyard("ps", "-a", "--limit", "1", "-q").stdout.decode().strip() == job_id


def test_a_long_log_is_followed_whole_and_read_whole(runyard) -> None:
    program = "import sys, random; sys.stdout.buffer.write(random.Random(5).randbytes(20 << 20))"
    runyard("submit", "--", sys.executable, "-c", program)

    import random  # noqa: PLC0415 - the same generator as in the program

    expected = hashlib.sha256(random.Random(5).randbytes(20 << 20)).digest()  # noqa: S311 - repeatable on purpose
    assert hashlib.sha256(runyard("logs", "-f", "@last").stdout).digest() == expected
    assert hashlib.sha256(runyard("logs", "@last").stdout).digest() == expected


def test_one_stream_is_read_alone(runyard) -> None:
    runyard("run", "--script", "echo out; echo err >&2")

    assert runyard("logs", "--stream", "stderr", "@last").stdout == b"err\n"
    assert runyard("logs", "-f", "--stream", "stdout", "@last").stdout == b"out\n"


def test_what_the_server_refuses_is_said_field_by_field(runyard) -> None:
    done = runyard("submit", "--queue", "no such queue", "--timeout", "0", "--", "true")

    assert done.returncode == 2
    assert b"/queue" in done.stderr
    assert b"/run_timeout" in done.stderr


@pytest.mark.parametrize(("said", "code"), [("00000000-0000-7000-8000-000000000000", 3), ("ffffffff", 3)])
def test_a_job_that_is_not_there_is_code_3(runyard, said, code) -> None:
    assert runyard("job", "show", said).returncode == code
    assert runyard("cancel", said).returncode == code


def test_a_token_that_is_wrong_is_code_4(runyard) -> None:
    assert runyard("ps", RUNYARD_TOKEN="rya_wrong").returncode == 4


def test_a_server_that_is_gone_is_code_6(runyard, server) -> None:
    server.stop()
    done = runyard("ps")

    assert done.returncode == 6
    assert b"runyard up" in done.stderr


def test_the_version_of_both_sides_is_told(runyard) -> None:
    told = json.loads(runyard("version", "--json").stdout)

    assert told["client"] == told["server"]


def test_a_program_waits_through_a_restart(server) -> None:
    with server.client() as first:
        job = first.submit(["sh", "-c", "sleep 1; exit 5"])
    environment = dict(server.environment)
    program = (
        "import runyard, sys\n"
        "with runyard.connect() as yard:\n"
        "    job = yard.wait(sys.argv[1], timeout=40)\n"
        "    print(job.state, job.exit_code, yard.attempts(job)[0].number)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, job.id], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    time.sleep(0.5)
    server.kill()
    time.sleep(0.5)
    server.start()

    assert child.communicate(timeout=60)[0] == "failed 5 1\n"


def test_many_threads_share_one_client(server) -> None:
    codes: dict[int, int | None] = {}
    with server.client() as yard:

        def one(number: int) -> None:
            codes[number] = yard.wait(yard.submit(["sh", "-c", f"exit {number}"]), timeout=60).exit_code

        threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert codes == {number: number for number in range(12)}


def test_the_batch_example_does_what_it_says(server) -> None:
    done = subprocess.run(
        [sys.executable, "examples/batch.py"],
        cwd=ROOT,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("succeeded   exit code 0") == 20
    assert done.stdout.splitlines()[-1].endswith("words in 20 files")
