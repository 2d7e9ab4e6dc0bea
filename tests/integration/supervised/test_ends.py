"""How processes end is told exactly, and so is why one could not begin."""

import os
import resource
from pathlib import Path

import pytest

from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.log import Stream

from .yard import Yard

pytestmark = pytest.mark.machine
SIGNALS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)


def test_echo_starts_writes_ends_and_is_forgotten(yard: Yard) -> None:
    seen = yard.run(("/bin/echo", "hello"))

    assert seen.started == 1
    assert seen.bytes(Stream.STDOUT) == b"hello\n"
    assert (seen.outcome.ending, seen.outcome.exit_code, seen.outcome.log_size) == (Ending.EXIT, 0, 6)
    assert seen.outcome.tree_empty is True
    assert seen.outcome.usage is not None
    yard.forget(seen.ref)
    assert yard.executor.stop_supervisor()


def test_every_exit_code_is_told_exactly(yard: Yard) -> None:
    orders = [yard.order(("/bin/sh", "-c", f"exit {code}")) for code in range(256)]
    yard.start(*orders)
    yard.ended(*(order.ref for order in orders))

    outcomes = [yard.of(order.ref).outcome for order in orders]
    assert [outcome.exit_code for outcome in outcomes] == list(range(256))
    assert {outcome.ending for outcome in outcomes} == {Ending.EXIT}


def test_every_signal_is_told_exactly(yard: Yard) -> None:
    orders = [yard.order(("/bin/sh", "-c", f"ulimit -c 0; kill -{number} $$; sleep 9")) for number in SIGNALS]
    yard.start(*orders)
    yard.ended(*(order.ref for order in orders))

    outcomes = [yard.of(order.ref).outcome for order in orders]
    assert [(outcome.ending, outcome.signal) for outcome in outcomes] == [(Ending.SIGNAL, n) for n in SIGNALS]


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("no-such-program-here",), 127, "no-such-program-here: not found"),
        (("/no/such/program",), 127, "/no/such/program: No such file"),
        (("/etc/passwd",), 126, "/etc/passwd: Permission denied"),
        (("/etc",), 126, "/etc: Permission denied"),
    ],
)
def test_a_program_that_cannot_be_started_is_named_with_the_cause(yard: Yard, command, code, words) -> None:
    seen = yard.run(command)

    assert seen.started == 0
    assert (seen.outcome.ending, seen.outcome.exit_code) == (Ending.START_FAILED, code)
    assert words in (seen.outcome.message or "")
    assert seen.outcome.tree_empty is True


@pytest.mark.parametrize("cwd", ["/no/such/folder", "/etc/passwd"])
def test_a_working_directory_that_is_none_is_named(yard: Yard, cwd: str) -> None:
    seen = yard.run(("/bin/true",), cwd=cwd)

    assert seen.outcome.ending is Ending.START_FAILED
    assert cwd in (seen.outcome.message or "")


def test_an_account_without_a_home_starts_its_jobs_at_the_root(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")

    assert yard.run(("/bin/pwd",)).text == "/\n"


def test_a_relative_program_is_looked_for_where_the_job_runs(yard: Yard, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\npwd\n")
    (tmp_path / "tool").chmod(0o755)

    assert yard.run(("./tool",), cwd=str(tmp_path)).text == f"{tmp_path}\n"


def test_a_program_is_looked_for_on_the_path_of_the_job(yard: Yard, tmp_path: Path) -> None:
    program = tmp_path / "mine"
    program.write_text("#!/bin/sh\necho found $1\n")
    program.chmod(0o755)

    assert yard.run(("mine", "it"), env={"PATH": f"/nowhere:{tmp_path}:/usr/bin:/bin"}).text == "found it\n"
    assert yard.run(("mine",)).outcome.exit_code == 127


def test_an_argv_sees_no_shell(yard: Yard) -> None:
    text = "$HOME `id` ; * 'quoted' \"\n\u00fc"

    assert yard.run(("/usr/bin/printf", "%s", text)).text == text


def test_a_text_is_a_script_in_a_file_of_its_own(yard: Yard) -> None:
    seen = yard.run('stat -c %a "$0" "$(dirname "$0")"; x=3; exit $((x + 4))')

    assert seen.text == "600\n700\n"
    assert seen.outcome.exit_code == 7
    assert not any(name.startswith("a/") for name in yard.files())


def test_input_comes_from_the_order_however_long(yard: Yard) -> None:
    text = "line\n" * 200_000

    assert yard.run(("/usr/bin/wc", "-c"), stdin=text).text.strip() == str(len(text))
    assert yard.run(("/bin/cat",), stdin="").text == ""
    assert yard.run(("/bin/cat",)).text == ""
    assert yard.run(("/bin/readlink", "/proc/self/fd/0")).text == "/dev/null\n"


def test_a_job_sees_only_the_environment_it_should(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "x")
    monkeypatch.setenv("LC_TIME", "C")

    seen = yard.run(("/usr/bin/env",), env={"MINE": "1", "HOME": "/tmp"})

    env = dict(line.split("=", 1) for line in seen.text.splitlines())
    assert (env["MINE"], env["HOME"], env["LC_TIME"], env["PYTHONUNBUFFERED"]) == ("1", "/tmp", "C", "1")
    assert (env["RUNYARD_JOB_ID"], env["RUNYARD_ATTEMPT"]) == (seen.ref.job_id, str(seen.ref.number))
    known = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "PYTHONUNBUFFERED", "MINE", "LC_TIME"}
    assert {name for name in env if not name.startswith(("LC_", "RUNYARD_"))} <= known


def test_a_job_starts_with_a_clean_sheet(yard: Yard) -> None:
    old = os.umask(0o027)
    try:
        yard.start()
    finally:
        os.umask(old)
    script = (
        "umask; ulimit -Sn; pwd; grep -E 'SigBlk|SigIgn' /proc/self/status; ls /proc/self/fd | wc -l; ps -o sid= -p $$"
    )

    umask, files, cwd, blocked, ignored, descriptors, session = yard.run(script).text.splitlines()

    assert umask == "0027"
    assert int(files) == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert cwd == str(Path("~").expanduser().resolve())
    of_the_c_library = 1 << 31 | 1 << 32  # signals 32 and 33, which nobody can set through it
    assert {int(line.split()[1], 16) & ~of_the_c_library for line in (blocked, ignored)} == {0}
    assert int(descriptors) == 4  # in, out, err and the one ls reads
    assert int(session) != os.getsid(0)
