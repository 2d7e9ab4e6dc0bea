"""What several servers allow, they allow together."""

from time import monotonic

import httpx2
import pytest
import trustme

from runyard.entrypoints.library import connect
from tests.integration.installation import Installation, Process

pytestmark = pytest.mark.servers


def called(server: Process, times: int, installation: Installation) -> list[int]:
    token = (installation.data_dir / "admin.token").read_text().strip()
    with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        return [client.get("/api/v1/queues").status_code for _ in range(times)]


def test_two_servers_count_the_requests_of_a_token_together(installation: Installation) -> None:
    strict = {"RUNYARD_REQUESTS_PER_TOKEN": "1", "RUNYARD_REQUESTS_PER_ADDRESS": "0"}
    one, two = installation.serve(**strict), installation.serve(**strict)

    begun, answers = monotonic(), list[int]()
    while len(answers) < 20 or 429 not in answers[-4:]:
        answers += [*called(one, 1, installation), *called(two, 1, installation)]

    # Five there are at once, and one more each second; each server gives one or two before it hears of the others.
    assert 5 <= answers.count(200) <= 8 + monotonic() - begun
    assert set(answers) == {200, 429}


def test_a_server_shows_its_certificate_and_answers_to_the_names_it_is_told(installation: Installation) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    files = {name: installation.folder / name for name in ("cert", "key", "ca")}
    issued.cert_chain_pems[0].write_to_path(files["cert"])
    issued.private_key_pem.write_to_path(files["key"])
    files["key"].chmod(0o600)
    authority.cert_pem.write_to_path(files["ca"])
    server = installation.serve(
        RUNYARD_TLS_CERT=str(files["cert"]),
        RUNYARD_TLS_KEY=str(files["key"]),
        RUNYARD_ALLOWED_HOSTS="runyard.example.org",
    )
    url = server.url.replace("127.0.0.1", "localhost")
    assert url.startswith("https://")

    token_file = str(installation.data_dir / "admin.token")
    with connect(url, token_file=token_file, ca_file=files["ca"]) as yard:
        assert yard.submit(["true"]).state == "queued"
    called_so = {
        name: httpx2.get(f"{url}/livez", headers={"Host": name}, verify=False, trust_env=False)
        for name in ("runyard.example.org", "evil.example")
    }
    assert {name: answer.status_code for name, answer in called_so.items()} == {
        "runyard.example.org": 200,
        "evil.example": 421,
    }
    assert called_so["runyard.example.org"].headers["strict-transport-security"]
