"""The numbers of a real server."""

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.server import Server, until

pytestmark = pytest.mark.servers


def page(server: Server, **headers: str) -> httpx2.Response:
    return httpx2.get(f"{server.address['url']}/metrics", headers=headers, trust_env=False)


def test_a_real_server_counts_what_it_does(server: Server):
    server.start()
    with server.client() as yard:
        yard.wait(yard.submit(["sh", "-c", "echo out; exit 3"]), timeout=60)
    token = server.data_dir.joinpath("admin.token").read_text().strip()
    assert page(server).status_code == 401

    def samples() -> dict[object, float]:
        families = text_string_to_metric_families(page(server, Authorization=f"Bearer {token}").text)
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value for each in families for sample in each.samples
        }

    ended = ("runyard_jobs_ended_total", ("reason", "exit_code"), ("state", "failed"))
    until(lambda: samples().get(ended))  # it is counted a moment after it can be seen
    found = samples()

    assert found[("runyard_jobs_submitted_total",)] == 1
    assert found[("runyard_claims_total",)] == found[("runyard_starts_total",)] == 1
    assert found[ended] == 1
    assert found[("runyard_runner_driven", ("runner", "local"))] == 1
    assert found[("runyard_runner_slots", ("runner", "local"))] == 4
    assert found[("runyard_log_stored_bytes",)] == 4
    assert found[("runyard_database_connections_most", ("pool", "write"))] == 1
    assert found[("runyard_use_case_seconds_count", ("outcome", "done"), ("use_case", "create_jobs"))] == 1
    assert found[("process_open_fds",)] > 0


def test_a_server_that_was_told_to_shows_its_numbers_to_everybody(server: Server):
    server.environment["RUNYARD_METRICS_OPEN"] = "true"
    server.start()

    assert page(server).status_code == 200
