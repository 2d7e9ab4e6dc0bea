"""What a server does with requests unless it is told otherwise."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.integration.server import Server


def test_it_limits_and_protects_without_being_told_to(server: Server) -> None:
    token = Path(server.address["token_file"]).read_text().strip()
    with httpx2.Client(base_url=server.address["url"], trust_env=False, timeout=60) as client:
        answer = client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})
        elsewhere = client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}", "Host": "evil.example"})
        forwarded = client.get("/livez", headers={"X-Forwarded-Proto": "https", "Origin": "https://evil.example"})

    assert answer.status_code == 200
    assert answer.headers["ratelimit-policy"] == '"address";q=10000;w=5, "token";q=5000;w=5'
    assert elsewhere.status_code == 421
    for each in (answer, elsewhere, forwarded):
        assert each.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert {"server", "strict-transport-security", "access-control-allow-origin"}.isdisjoint(each.headers)


def test_it_tells_what_is_no_http_as_a_problem(server: Server) -> None:
    address = urlsplit(server.address["url"])
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        said = b"".join(iter(lambda: connection.recv(65536), b""))

    assert said.startswith(b"HTTP/1.1 400")
    assert b'"urn:runyard:problem:not-http"' in said
