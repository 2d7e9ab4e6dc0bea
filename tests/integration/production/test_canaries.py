"""What is secret in an installation is in its jobs, sealed in its database, and nowhere else."""

import base64
import os

import pytest
from sqlalchemy import create_engine, text

from runyard import RunyardClientError
from tests.integration.canaries import Canaries, Watch, until_seen
from tests.integration.installation import Installation
from tests.integration.server import until

pytestmark = pytest.mark.servers


def test_no_log_no_process_and_no_table_tells_what_is_secret(installation: Installation, postgres_url: str) -> None:
    canaries = Canaries()
    keys = installation.folder / "keys"
    keys.touch(mode=0o600)
    keys.write_text(canaries.made("key", base64.b64encode(os.urandom(32)).decode() + "\n"))
    installation.environment |= {"RUNYARD_SECRET_KEY_FILE": str(keys), "RUNYARD_LOG_LEVEL": "debug"}
    given = {"secrets": {"TOKEN": "db"}, "env": {"PLAIN": canaries.new("variable")}, "stdin": canaries.new("stdin")}
    with Watch(canaries) as watch:
        server, worker = installation.serve(), installation.worker("--local", "--slots", "2")
        canaries.made("admin token", (installation.data_dir / "admin.token").read_text())
        with server.client() as yard:
            yard.secrets.set("db", canaries.new("secret"))
            yard.accounts.create("ann", password=canaries.new("password"))
            canaries.made("token", str(yard.tokens.create(account="ann").text))
            job = yard.submit('echo "$TOKEN"; echo told; sleep 600', **given)  # type: ignore[arg-type]
            until(lambda: b"told" in b"".join(yard.logs(job)))
            until_seen(watch, "secret", "variable")
            worker.kill()
            fails(postgres_url, "sealed", lambda: yard.secrets.set("db", canaries.new("never kept")))
            fails(postgres_url, "account", lambda: yard.accounts.create("ben", password=canaries.new("never kept")))
            fails(postgres_url, "job_spec", lambda: yard.submit(["true"], env={"A": canaries.new("never kept")}))
            installation.worker("--local", "--slots", "2")
            yard.cancel(job)
            assert yard.wait(job, timeout=60).state == "cancelled"

    assert watch.looks > 10
    assert watch.seen == set()
    assert canaries.in_database(postgres_url) == {"job_spec": {"variable", "stdin"}}
    assert canaries.below(installation.folder) == {("admin.token", "admin token"), ("keys", "key")}


def fails(url: str, table: str, act) -> None:
    """Whatever it is, it is refused while there is no such table, and the answer repeats nothing."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"alter table {table} rename to away"))
    try:
        with pytest.raises(RunyardClientError) as refused:
            act()
        assert "never kept" not in str(refused.value)
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"alter table away rename to {table}"))
        engine.dispose()
