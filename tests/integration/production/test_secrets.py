"""Secrets in an installation: the same keys everywhere, none of them made by itself."""

import base64
import os
from pathlib import Path

import pytest

from runyard import RunyardClientError
from tests.integration.installation import Installation
from tests.integration.server import until

pytestmark = pytest.mark.servers

SECRET = "correct horse/battery+staple"


def test_a_worker_opens_what_a_server_sealed_and_says_what_it_cannot(installation: Installation) -> None:
    keys = installation.folder / "keys"
    write(keys, new_key())
    installation.environment["RUNYARD_SECRET_KEY_FILE"] = str(keys)
    server, worker = installation.serve(), installation.worker("--local", "--slots", "2")
    with server.client() as yard:
        yard.secrets.set("db", SECRET)
        job = yard.submit('echo "${#T} $T"', secrets={"T": "db"})
        assert yard.wait(job, timeout=60).succeeded
        assert b"".join(yard.logs(job)) == b"28 [masked]\n"

        write(keys, new_key() + keys.read_text())
        rotation = yard.secrets.rotate_key()
        assert (rotation.resealed, len(rotation.unused_keys)) == (1, 1)
        write(keys, keys.read_text().splitlines()[0] + "\n")
        assert yard.wait(yard.rerun(job), timeout=60).succeeded
        with pytest.raises(RunyardClientError, match="the keys are yours") as refused:
            yard.secrets.rotate_key(renew=True)
        assert "RUNYARD_SECRET_KEY_FILE" in str(refused.value)

        worker.end()
        installation.worker("--local", "--slots", "2", RUNYARD_SECRET_KEY_FILE="")
        failed = yard.wait(yard.rerun(job), timeout=60)
        assert (failed.state, failed.reason) == ("failed", "start_failed")
        assert "RUNYARD_SECRET_KEY_FILE is not set" in (failed.message or "")
        assert yard.wait(yard.submit(["true"]), timeout=60).succeeded
    assert not any(SECRET in process.errors() for process in installation.processes)


def test_without_a_key_file_everything_but_secrets_works(installation: Installation) -> None:
    server = installation.serve()
    installation.worker("--local", "--slots", "2")
    with server.client() as yard:
        with pytest.raises(RunyardClientError, match="RUNYARD_SECRET_KEY_FILE is not set"):
            yard.secrets.set("db", SECRET)
        assert yard.secrets.list() == ()
        assert yard.wait(yard.submit(["true"]), timeout=60).succeeded
        with pytest.raises(RunyardClientError, match="RUNYARD_DENIED_ENV denies LD_"):
            yard.submit(["true"], env={"LD_PRELOAD": "/tmp/evil.so"})


def test_a_file_of_keys_that_others_may_read_is_refused_at_the_start(installation: Installation) -> None:
    keys = installation.folder / "keys"
    write(keys, new_key())
    keys.chmod(0o644)

    for what in ("serve", "worker"):
        done = installation.run(what, RUNYARD_SECRET_KEY_FILE=str(keys))
        assert done.returncode != 0
        assert "others may read" in done.stderr
        assert "RUNYARD_SECRET_KEY_FILE" in done.stderr
    until(lambda: not any(process.runs for process in installation.processes))


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode() + "\n"


def write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
