"""The numbers of servers and workers."""

import httpx2
import pytest

from tests.integration.installation import Installation
from tests.integration.server import until

pytestmark = pytest.mark.servers


def samples(url: str, **headers: str) -> dict[str, float]:
    answer = httpx2.get(f"{url}/metrics", headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_each_process_counts_for_itself_and_knows_how_all_stands(installation: Installation) -> None:
    server = installation.serve()
    worker = installation.worker("--local", "--slots", "4", RUNYARD_METRICS_PORT="0")
    with server.client() as client:
        client.wait(client.submit(["true"]), timeout=60)
    token = {"Authorization": f"Bearer {(installation.data_dir / 'admin.token').read_text().strip()}"}
    at_worker = f"http://127.0.0.1:{worker.told['metrics_port']}"

    assert httpx2.get(f"{at_worker}/metrics", trust_env=False).status_code == 401
    assert httpx2.get(f"{at_worker}/", headers=token, trust_env=False).status_code == 404
    ended = 'runyard_jobs_ended_total{reason="",state="succeeded"}'
    until(lambda: samples(at_worker, **token).get(ended))  # it is counted a moment after it can be seen
    worked, served = samples(at_worker, **token), samples(server.url, **token)

    assert served["runyard_jobs_submitted_total"] == worked["runyard_claims_total"] == 1
    assert worked["runyard_jobs_submitted_total"] == served["runyard_claims_total"] == 0
    assert worked["runyard_starts_total"] == 1
    assert worked[ended] == 1
    for numbers in (worked, served):
        assert numbers["runyard_store_up"] == 1
        assert numbers['runyard_runner_driven{runner="here"}'] == 1
        assert "runyard_database_oldest_snapshot_seconds" in numbers


def test_a_worker_that_was_told_to_shows_its_numbers_to_everybody(installation: Installation) -> None:
    worker = installation.worker(RUNYARD_METRICS_PORT="0", RUNYARD_METRICS_OPEN="true")

    assert samples(f"http://127.0.0.1:{worker.told['metrics_port']}")["runyard_store_up"] == 1
