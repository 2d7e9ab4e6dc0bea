"""Secrets on a real server: set from the shell, used by jobs, and to be found nowhere afterwards."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runyard import RunyardClientError
from tests.integration.canaries import files_below, files_in_memory
from tests.integration.server import Server, until

pytestmark = pytest.mark.servers

SECRET = f"wrong donkey/battery+staples {os.urandom(6).hex()}"  # others may test at once
FORMS = (SECRET.encode(), base64.b64encode(SECRET.encode())[:-4])


def runyard(server: Server, *argv: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    where = {"RUNYARD_URL": server.address["url"], "RUNYARD_TOKEN_FILE": server.address["token_file"]}
    return subprocess.run(
        [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
        env=server.environment | where,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def leaks(server: Server) -> list[str]:
    """Where it can be read: everything the server, its store and its supervisor wrote, and all command lines."""
    places = [*files_below(server.data_dir.parent), *files_in_memory()]
    places += Path("/proc").glob("[0-9]*/cmdline")
    return [str(path) for path in places if any(form in _read(path) for form in FORMS)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def talkative(tmp_path: Path):
    """A server that says all it can say."""
    server = Server(tmp_path, "--slots", "4", RUNYARD_LOG_LEVEL="debug")
    yield server
    server.close()


def test_a_secret_goes_from_our_input_into_a_job_and_nowhere_else(talkative: Server) -> None:
    server = talkative
    server.start()
    done = runyard(server, "secret", "set", "db", stdin=SECRET + "\n")
    assert done.stdout.split("\t")[:2] == ["db", "1"]
    script = f"""test "${{#TOKEN}}" = {len(SECRET)} && test "$(cat "$FILE")" = "$TOKEN" || exit 9
    echo "$TOKEN"; printf %s "$TOKEN" | base64; echo "{{\\"result\\": [\\"$TOKEN\\"]}}" > "$RUNYARD_REPORT"
    echo ready; sleep 600"""
    with server.client() as yard:
        job = yard.submit(script, secrets={"TOKEN": "db"}, secret_files={"FILE": "db"}, name="uses db")
        until(lambda: b"ready" in b"".join(yard.logs(job)))
        of_the_job = "/dev/shm/"  # its file, and what it reports itself
        assert [path for path in leaks(server) if not path.startswith(of_the_job)] == []
        answers = [yard.get(job.id).raw, [each.raw for each in yard.list()], [each.raw for each in yard.secrets.list()]]
        yard.cancel(job)
        ended = yard.wait(job, timeout=60)
        (attempt,) = yard.attempts(job)
        answers += [ended.raw, attempt.raw]
        log = b"".join(yard.logs(job))

    assert (ended.secrets, ended.secret_files) == ({"TOKEN": "db"}, {"FILE": "db"})
    assert ended.result == ["[masked]"]
    assert attempt.masked == 3
    assert log.startswith(b"[masked]\n[masked]")
    assert not any(form in log + repr(answers).encode() for form in FORMS)
    assert leaks(server) == []
    server.stop()
    assert leaks(server) == []


def test_masking_goes_on_when_the_server_was_killed(server: Server) -> None:
    server.keep_address()
    server.start()
    with server.client() as yard:
        yard.secrets.set("db", SECRET)
        job = yard.submit('echo before; while ! test -e go; do sleep 0.1; done; echo "$T"', cwd=str(server.data_dir),
                          secrets={"T": "db"})  # fmt: skip
        until(lambda: b"before" in b"".join(yard.logs(job)))
        server.kill()
        server.start()
        (server.data_dir / "go").touch()
        yard.wait(job, timeout=60)
        assert b"".join(yard.logs(job)) == b"before\n[masked]\n"
    assert leaks(server) == []


def test_names_and_versions_are_listed_the_key_is_rotated_and_what_is_removed_is_missed(server: Server) -> None:
    server.start()
    several = server.data_dir.parent / "key.pem"
    several.write_text("line one of it\nline two of it\n")
    for name, text in (("db", SECRET), ("api", "another value\r\n")):
        assert runyard(server, "secret", "set", name, stdin=text).returncode == 0
    assert runyard(server, "secret", "set", "pem", "--file", str(several), "-q").stdout == "pem\n"
    assert [line.split("\t")[:2] for line in runyard(server, "secret", "list").stdout.splitlines()] == [
        ["api", "1"],
        ["db", "1"],
        ["pem", "1"],
    ]
    too_short = runyard(server, "secret", "set", "pin", stdin="1234\n")
    assert (too_short.returncode, "fewer than 8 bytes" in too_short.stderr) == (2, True)
    unknown = runyard(server, "submit", "--secret", "T=none", "--", "true")
    assert (unknown.returncode, "/secrets/T" in unknown.stderr, "'none'" in unknown.stderr) == (2, True, True)

    key_file = server.data_dir / "secret.key"
    before = key_file.read_text()
    rotated = runyard(server, "secret", "rotate-key", "--new-key").stdout.strip().split("\t")
    assert rotated[1:3] == ["3", "0"]
    assert key_file.read_text().splitlines()[1:] == before.splitlines()
    assert key_file.stat().st_mode & 0o777 == 0o600
    key_file.write_text(key_file.read_text().splitlines()[0])  # the old key is of no more use
    sizes = runyard(server, "run", "--secret", "db", "--secret", "API=api", "--secret-file", "PEM=pem", "--script",
                    'wc -c < "$PEM"; printf %s "$db$API" | wc -c')  # fmt: skip
    assert sizes.stdout.split() == ["30", str(len(SECRET) + len("another value"))]

    assert runyard(server, "secret", "remove", "db").returncode == 0
    assert runyard(server, "secret", "remove", "db").returncode == 3
    assert runyard(server, "submit", "--secret", "db", "--", "true").returncode == 2


def test_a_lost_key_is_told_where_it_is_needed_and_nowhere_else(server: Server) -> None:
    server.start()
    with server.client() as yard:
        yard.secrets.set("db", SECRET)
    server.stop()
    (server.data_dir / "secret.key").rename(server.data_dir / "away")
    server.start()
    with server.client() as yard:
        assert yard.wait(yard.submit(["true"]), timeout=60).succeeded
        failed = yard.wait(yard.submit(["true"], secrets={"T": "db"}), timeout=60)
        assert (failed.state, failed.reason) == ("failed", "start_failed")
        assert "RUNYARD_SECRET_KEY_FILE" in (failed.message or "")
        (server.data_dir / "away").rename(server.data_dir / "secret.key")
        assert yard.wait(yard.rerun(failed), timeout=60).succeeded
        yard.secrets.remove("db")
        with pytest.raises(RunyardClientError, match="'db'"):
            yard.rerun(failed)


def test_a_key_file_that_cannot_be_is_refused_at_the_start(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("no key\n")
    keys.chmod(0o600)
    done = subprocess.run(
        [sys.executable, "-m", "runyard.entrypoints.cli", "up", "--data-dir", str(tmp_path / "data"), "--port", "0"],
        env=os.environ | {"RUNYARD_SECRET_KEY_FILE": str(keys), "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "line 1 of" in done.stderr
    assert "RUNYARD_SECRET_KEY_FILE" in done.stderr
    assert "no key\n" not in done.stderr
