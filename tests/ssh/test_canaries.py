"""What is secret goes through ssh to a job, and is found nowhere on the way or at the other end."""

from pathlib import Path

import pytest

from tests.integration.canaries import Canaries, Watch, until_seen
from tests.integration.server import Server, until

from .far_yard import end_supervisors
from .sshd import Sshd

pytestmark = pytest.mark.servers


def test_no_log_no_process_and_no_file_of_the_host_tells_what_is_secret(tmp_path: Path, host: Sshd) -> None:
    canaries = Canaries()
    server = Server(tmp_path, "--slots", "1", RUNYARD_LOG_LEVEL="debug")
    variable, stdin = canaries.new("variable"), canaries.new("stdin")
    tells = 'cat "$KEY"; echo "$TOKEN"; echo "{\\"result\\": [\\"$TOKEN\\"]}" > "$RUNYARD_REPORT"; echo told; sleep 600'
    try:
        with Watch(canaries) as watch:
            server.start()
            with server.client() as yard:
                yard.secrets.set("db", canaries.new("secret"))
                yard.secrets.set("deploy", canaries.new("secret file"))
                yard.runners.add_ssh(
                    "far",
                    host=host.address,
                    port=host.port,
                    user=host.account.name,
                    host_keys=[f"{host.host_key.type} {host.host_key.data}"],
                    key={"file": str(host.client_key)},
                )
                job = yard.submit(
                    tells,
                    secrets={"TOKEN": "db"},
                    secret_files={"KEY": "deploy"},
                    env={"PLAIN": variable},
                    stdin=stdin,
                    placement={"runner": "far"},
                )
                until(lambda: b"told" in b"".join(yard.logs(job)))
                until_seen(watch, "secret", "variable")
                at_work = canaries.below(host.account.home) | canaries.below(host.folder)
                yard.cancel(job)
                ended = yard.wait(job, timeout=60)
                log = b"".join(yard.logs(job))
    finally:
        server.close()
        end_supervisors(host)

    assert (ended.state, ended.result) == ("cancelled", ["[masked]"])
    assert canaries.within(log) == set()
    assert watch.seen == set()
    assert at_work == set()
    assert canaries.below(host.account.home) | canaries.below(host.folder) == set()
    assert canaries.in_database(f"sqlite:///{server.database}") == {"job_spec": {"variable", "stdin"}}
    assert {(file.removesuffix("-wal"), name) for file, name in canaries.below(tmp_path)} == {
        ("runyard.db", "variable"),
        ("runyard.db", "stdin"),
    }
