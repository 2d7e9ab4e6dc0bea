"""Secrets reach the process and nothing else: no file that stays, no command line, no output."""

import base64
import os
import signal
import stat
from pathlib import Path

import pytest

from runyard.application.ports.executor import SignalKind
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.ids import AttemptRef
from tests.integration.canaries import files_below, files_in_memory

from .yard import Yard, wait_for

pytestmark = pytest.mark.machine

_OURS = os.urandom(6).hex()  # what others have who test at once is not found here
SECRET = f"correct horse/battery+staple {_OURS}"
KEY = f"-----BEGIN KEY-----\nMIIEvQIBADANBgk{_OURS}\n-----END KEY-----\n"
WRITTEN = (SECRET.encode(), base64.b64encode(SECRET.encode())[:-4], f"MIIEvQIBADANBgk{_OURS}".encode())


def leaks(yard: Yard) -> list[str]:
    """Where any of it can be read: files of the yard, what lies in memory as files, command lines of all processes."""
    places = [*files_below(yard.directory), *files_in_memory()]
    places += Path("/proc").glob("[0-9]*/cmdline")
    return [str(path) for path in places if any(form in read(path) for form in WRITTEN)]


def is_the_jobs(path: str) -> bool:
    """What the job was given, and what it wrote into its report, in memory both; they go with it."""
    return path.startswith("/dev/shm/")


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def guards(yard: Yard) -> list[int]:
    return [pid for pid in yard.processes() if b"\0guard\0" in read(Path(f"/proc/{pid}/cmdline"))]


def printed(yard: Yard, ref: AttemptRef) -> str:
    return yard.of(ref).text


def test_a_process_has_its_secrets_and_nobody_else_sees_them(yard: Yard) -> None:
    script = """printf '%s' "$TOKEN" | wc -c; wc -c < "$KEY"; stat -c '%a %U' "$KEY" | grep -c "600 $(id -un)"
    echo "is $TOKEN"; cat "$KEY" >&2; printf '%s' "$TOKEN" | base64
    echo "{\\"message\\": \\"$TOKEN\\"}" > "$RUNYARD_REPORT"; echo ready; sleep 600"""
    order = yard.order(script, secrets={"TOKEN": SECRET}, secret_files={"KEY": KEY})
    yard.start(order)
    yard.says(order.ref, "ready")
    yard.until(lambda: yard.of(order.ref).reports)

    assert [path for path in leaks(yard) if not is_the_jobs(path)] == []
    text = printed(yard, order.ref)
    assert text.splitlines()[:3] == [str(len(SECRET)), str(len(KEY)), "1"]
    assert "is [masked]\n" in text
    assert SECRET not in text
    assert "MIIEvQ" not in text
    assert yard.of(order.ref).reports[-1].progress.message == "[masked]"  # type: ignore[union-attr]

    yard.signal(order.ref, SignalKind.KILL)
    seen = yard.ended(order.ref)
    assert seen.outcome.masked == 4
    assert leaks(yard) == []


def test_secrets_stand_beside_the_other_variables_and_paths_are_those_of_files(yard: Yard) -> None:
    seen = yard.run(
        'echo "$PLAIN ${#TOKEN} $(basename "$KEY") $(dirname "$KEY" | xargs stat -c %a)"',
        env={"PLAIN": "x"},
        secrets={"TOKEN": SECRET},
        secret_files={"KEY": KEY, "OTHER": SECRET},
    )

    assert seen.text == f"x {len(SECRET)} KEY 700\n"


def test_files_of_secrets_lie_in_memory_and_go_with_the_attempt_whatever_the_job_put_beside_them(yard: Yard) -> None:
    seen = yard.run('dirname "$KEY"; mkdir "$(dirname "$KEY")/more"; cp "$KEY" "$KEY.copy"', secret_files={"KEY": KEY})
    folder = Path(seen.text.strip())

    assert str(folder).startswith("/dev/shm/runyard-")
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    wait_for(lambda: not folder.exists())


def test_what_a_job_with_secrets_reports_lies_in_memory_and_that_of_others_in_the_closed_folder(yard: Yard) -> None:
    script = 'echo "{\\"message\\": \\"$TOKEN\\"}" > "$RUNYARD_REPORT"; echo "$RUNYARD_REPORT"'
    hidden, plain = yard.run(script, secrets={"TOKEN": SECRET}), yard.run(script, env={"TOKEN": "some"})

    assert hidden.text.startswith("/dev/shm/runyard-")
    assert Path(plain.text.strip()).is_relative_to(yard.directory.resolve())
    assert [seen.reports[-1].progress.message for seen in (hidden, plain)] == ["[masked]", "some"]  # type: ignore[union-attr]
    assert not Path(hidden.text.strip()).exists()


def test_a_start_that_fails_leaves_nothing(yard: Yard) -> None:
    seen = yard.run(("/nowhere/program",), secrets={"TOKEN": SECRET}, secret_files={"KEY": KEY})

    assert (seen.outcome.ending, seen.outcome.masked) == (Ending.START_FAILED, 0)
    assert leaks(yard) == []


def test_a_start_that_was_cancelled_before_it_began_leaves_nothing(yard: Yard) -> None:
    orders = [yard.order("sleep 600", secrets={"T": SECRET}, secret_files={"KEY": KEY}) for _ in range(20)]
    yard.start(*orders)
    for order in orders:
        yard.signal(order.ref, SignalKind.KILL)
    yard.ended(*[order.ref for order in orders])

    assert leaks(yard) == []


def test_a_supervisor_that_dies_leaves_no_file_of_a_secret_for_long(yard: Yard) -> None:
    order = yard.order('echo "$KEY"; sleep 600', secret_files={"KEY": KEY})
    yard.start(order)
    yard.until(lambda: "/KEY\n" in printed(yard, order.ref))
    file = Path(printed(yard, order.ref).strip())
    assert file.read_text() == KEY

    wait_for(lambda: guards(yard))
    yard.kill_supervisor()

    wait_for(lambda: not file.exists())  # the guard ends the tree, and what belonged to it


def test_its_successor_removes_what_is_left_if_the_guard_died_too(yard: Yard) -> None:
    order = yard.order('echo "$KEY"; sleep 600', secret_files={"KEY": KEY})
    yard.start(order)
    yard.until(lambda: "/KEY\n" in printed(yard, order.ref))
    file = Path(printed(yard, order.ref).strip())

    wait_for(lambda: guards(yard))
    found = guards(yard)
    for pid in found:
        os.kill(pid, signal.SIGSTOP)
    yard.kill_supervisor()
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    assert file.exists()
    yard.reconnected()
    yard.pid()

    assert not file.exists()


def test_where_no_file_system_in_memory_is_ours_the_files_lie_in_the_closed_folder(yard: Yard) -> None:
    first = yard.run('dirname "$(dirname "$KEY")"', secret_files={"KEY": KEY})
    ours = Path(first.text.strip())
    ours.rmdir()
    ours.write_text("somebody else's")
    try:
        seen = yard.run('echo "$KEY $RUNYARD_REPORT"; wc -c < "$KEY"', secret_files={"KEY": KEY})
    finally:
        ours.unlink()

    path, report, size = seen.text.split()
    assert Path(path).is_relative_to(yard.directory.resolve())
    assert Path(report).parent == Path(path).parent
    assert size == str(len(KEY))
    assert leaks(yard) == []
