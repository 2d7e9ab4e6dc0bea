"""A token that one server revokes opens nothing at another one."""

from time import monotonic, sleep

import httpx2
import pytest

from runyard.entrypoints.client.errors import RunyardClientError
from runyard.entrypoints.library import Yard, connect
from tests.integration.installation import Installation

pytestmark = pytest.mark.servers

REFUSED_WITHIN = 5.0
ENDED_WITHIN = 60.0


def test_what_one_server_revokes_another_refuses_within_seconds_and_its_stream_ends(
    installation: Installation,
) -> None:
    here, there = installation.serve(), installation.serve()
    with here.client() as admin:
        admin.accounts.create("ada")
        admin.projects.set_role("default", "ada", "submitter")
        token = admin.tokens.create(account="ada", name="laptop")
        assert token.text
        bearer = {"Authorization": f"Bearer {token.text}"}
        with connect(there.url, token=token.text) as ada, httpx2.Client(timeout=ENDED_WITHIN, headers=bearer) as http:
            job = ada.submit(["true"])  # nobody runs it, so its stream goes on
            with http.stream("GET", f"{there.url}/api/v1/jobs/{job.id}/log/stream") as stream:
                lines = stream.iter_lines()
                assert any("event: state" in line for line in lines)
                ada.get(job.id)

                begun = monotonic()
                admin.tokens.revoke(token.id)
                while opens(ada, job.id):
                    assert monotonic() - begun < REFUSED_WITHIN
                    sleep(0.1)
                assert "event: end" not in list(lines)
                assert monotonic() - begun < ENDED_WITHIN

        told = list(admin.audit(resource="token"))
        assert [(entry.action, entry.actor, entry.outcome) for entry in reversed(told)][:3] == [
            ("create_token", "admin", "done"),
            ("revoke_token", "admin", "done"),
            ("authenticate", "ada", "refused"),
        ]
        assert {entry.reason for entry in told} == {None, "revoked_token"}


def opens(yard: Yard, job_id: str) -> bool:
    try:
        yard.get(job_id)
    except RunyardClientError as error:
        if error.status != 401:
            raise
        return False
    return True
