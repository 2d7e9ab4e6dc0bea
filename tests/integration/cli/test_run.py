"""`runyard run` behaves as if the command ran here."""

import hashlib
import signal
import sys
import time

import pytest

from tests.integration.server import processes_with, until

pytestmark = pytest.mark.machine


@pytest.mark.parametrize("code", [0, 1, 2, 100, 124, 125, 126, 127, 128, 255])
def test_it_exits_with_the_code_of_the_job(runyard, code) -> None:
    assert runyard("run", "--", "sh", "-c", f"exit {code}").returncode == code


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_it_exits_with_128_and_the_signal(runyard, number) -> None:
    assert runyard("run", "--script", f"kill -{int(number)} $$").returncode == 128 + number


def test_output_passes_byte_for_byte_each_on_its_own_stream(runyard) -> None:
    program = (
        "import os, random, sys\n"
        "for seed, fd in ((1, 1), (2, 2)):\n"
        "    data = random.Random(seed).randbytes(1 << 20)\n"
        "    while data: data = data[os.write(fd, data[:65536]):]\n"
    )

    done = runyard("run", "--", sys.executable, "-c", program)

    import random  # noqa: PLC0415 - the same generator as in the program

    assert done.returncode == 0
    for seed, data in ((1, done.stdout), (2, done.stderr)):
        expected = random.Random(seed).randbytes(1 << 20)  # noqa: S311 - repeatable on purpose
        assert hashlib.sha256(data).digest() == hashlib.sha256(expected).digest()


def test_folder_environment_and_input_are_those_of_the_caller(runyard, elsewhere) -> None:
    (elsewhere / "in").write_text("typed\n")

    script = 'pwd; echo "$OURS $SET"; cat'
    done = runyard("run", "--env", "OURS", "--env", "SET=here", "--stdin", "in", "--script", script, OURS="copied")

    assert done.stdout.decode().splitlines() == [str(elsewhere), "copied here", "typed"]


def test_arguments_never_meet_a_shell(runyard) -> None:
    odd = ["$HOME", "a b", "*", "'", "\\", "--name", "--", "", "ü"]

    done = runyard("run", "--", sys.executable, "-c", "import sys; print(sys.argv[1:])", *odd)

    assert done.stdout.decode() == f"{odd}\n"


def test_a_timeout_is_124_and_what_cannot_start_is_126_or_127(runyard, elsewhere) -> None:
    (elsewhere / "plain.txt").write_text("no program")

    timed_out = runyard("run", "--timeout", "500ms", "--grace", "1", "--", "sleep", "60")

    assert (timed_out.returncode, b"time limit" in timed_out.stderr) == (124, True)
    assert runyard("run", "--", "no-such-program-anywhere").returncode == 127
    assert runyard("run", "--", "./plain.txt").returncode == 126


def test_it_goes_through_retries(runyard, elsewhere) -> None:
    script = f"echo try; test -e {elsewhere}/mark || {{ touch {elsewhere}/mark; exit 9; }}; echo done"

    done = runyard("run", "--retries", "2", "--script", script)

    assert (done.returncode, done.stdout) == (0, b"try\ntry\ndone\n")


def test_ctrl_c_takes_the_whole_tree(begun, tmp_path) -> None:
    mark = f"{tmp_path.name}-tree"
    child = begun("run", "--grace", "5", "--env", f"MARK={mark}", "--script", "echo up; sleep 300 & sleep 300; wait")
    assert child.stdout.readline() == b"up\n"

    child.send_signal(signal.SIGINT)

    assert child.wait(60) == 130
    until(lambda: not [pid for pid in processes_with(f"MARK={mark}") if pid != child.pid])


def test_a_job_cancelled_by_others_is_125(begun, runyard) -> None:
    child = begun("run", "--name", "to be cancelled", "--", "sleep", "300")
    until(lambda: b"to be cancelled" in runyard("ps", "--state", "running").stdout)

    assert runyard("cancel", "@last").returncode == 0
    assert child.wait(60) == 125


def test_a_server_killed_and_started_anew_elsewhere_costs_no_byte(begun, server) -> None:
    program = (
        "import sys, time\n"
        "for n in range(300):\n"
        "    print(f'line {n} ' + 'x' * 2000, flush=True); time.sleep(0.01)\n"
        "sys.exit(17)\n"
    )
    child = begun("run", "--", sys.executable, "-c", program)
    head = child.stdout.readline()
    for _ in range(2):
        time.sleep(0.5)
        server.kill()
        time.sleep(0.3)
        server.start()

    out, err = child.communicate(timeout=60)

    assert child.returncode == 17, err
    assert head + out == b"".join(b"line %d %s\n" % (n, b"x" * 2000) for n in range(300))


def test_a_reader_that_leaves_ends_the_job(begun, runyard) -> None:
    child = begun("run", "--", "yes")
    child.stdout.read(10)
    child.stdout.close()

    assert child.wait(60) == 141
    until(lambda: not runyard("ps", "-q").stdout)
