import os
from base64 import b64encode

import pytest

from tests.integration.installation import Installation
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well

from .judging import SECONDS, assert_nothing_is_wrong, attacked
from .targets import served


@pytest.mark.timeout(SECONDS)
def test_thousands_of_requests_find_no_fault_in_a_server(tmp_path, postgres_url: str, valkey: ValkeyServer) -> None:
    keys = tmp_path / "keys"
    keys.touch(mode=0o600)
    keys.write_text(b64encode(os.urandom(32)).decode())
    settings = {"RUNYARD_RATE_LIMITS": "false", "RUNYARD_SECRET_KEY_FILE": str(keys)}
    installation = Installation(tmp_path, postgres_url, valkey.url, **settings)
    try:
        installation.migrate()
        server = installation.serve()
        with server.client() as admin:
            target = served(server.url, admin, str(installation.data_dir / "admin.token"))
            found = attacked("server", target, 0.5)
        told = server.errors()
    finally:
        installation.close()
    assert_nothing_is_wrong(found)
    assert_database_is_well(postgres_url)
    assert "Traceback" not in told
