"""`docs/production.md`: every command in it, in order, in one shell, on a PostgreSQL and a Valkey of the test."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.integration.installation import Installation
from tests.integration.postgres import PostgresServer
from tests.integration.server import free_port
from tests.integration.valkey import ValkeyServer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]

PAGE = Path(__file__).parents[3] / "docs" / "production.md"


def commands() -> list[str]:
    """What stands after `$` in the blocks of the page."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("$ ") for line in lines)
    return [line.removeprefix("$ ") for line in lines]


def test_every_command_on_the_page_works(tmp_path: Path, own_postgres: PostgresServer, valkey: ValkeyServer) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed, so the page cannot be followed")
    folder = str(make_url(own_postgres.url("runyard")).query["host"])
    installation = Installation(tmp_path, f"postgresql://runyard@/runyard?host={folder}", valkey.url)
    data_dir, port = installation.data_dir, free_port()
    settings = {
        "RUNYARD_DATABASE_URL": installation.environment["RUNYARD_DATABASE_URL"],
        "RUNYARD_REDIS_URL": valkey.url,
        "RUNYARD_DATA_DIR": str(data_dir),
        "RUNYARD_LISTEN_PORT": str(port),
        "RUNYARD_URL": f"http://127.0.0.1:{port}",
        "RUNYARD_TOKEN_FILE": str(data_dir / "admin.token"),
    }
    (tmp_path / "runyard.env").write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    programs = [str(Path(sys.executable).parent), str(own_postgres.programs), os.environ["PATH"]]
    plain = {name: value for name, value in installation.environment.items() if not name.startswith("RUNYARD_")}
    environment = plain | {"PATH": ":".join(programs), "PGHOST": folder, "PGUSER": "postgres", "LC_ALL": "C"}
    script = "\n".join(["set -eux", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT", *commands()])

    try:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=360,
            check=False,
        )
    finally:
        installation.close()

    assert done.returncode == 0, done.stderr[-3000:]
    for told in ("hello\n", "working\ndone\n", "survived\n", "nightly", "restored\n"):
        assert told in done.stdout
