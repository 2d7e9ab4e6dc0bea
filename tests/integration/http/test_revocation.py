"""A token that is revoked opens nothing within five seconds, and what it had opened ends."""

from time import monotonic, sleep

from runyard.application.accounts.revoke_token import RevokeTokenCommand
from runyard.domain.accounts.tokens import parsed
from tests.unit.entrypoints.http.tenants import Tenants

from .served import Served


def test_a_revoked_token_is_refused_and_its_stream_ends_within_five_seconds(server: Served) -> None:
    tenants, running = Tenants(server.yard), server.running()
    token = tenants.token("a-viewer")
    text = parsed(token)
    assert text is not None
    headers = {"Authorization": f"Bearer {token}"}
    with server.client(**headers) as client, client.stream("GET", f"jobs/{running.id}/log/stream") as stream:
        lines = stream.iter_lines()
        assert any("event: state" in line for line in lines)
        assert client.get("jobs").status_code == 200

        begun = monotonic()
        server.yard.revoke_token.execute(RevokeTokenCommand(token_id=text.id))
        assert "event: end" not in list(lines)
        assert monotonic() - begun < 5
        while client.get("jobs").status_code == 200:
            assert monotonic() - begun < 5
            sleep(0.1)
