import json
import socket

import pytest

from tests.unit.entrypoints.http.house import TOKEN

from .served import Served

AUTH = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
JSON = AUTH + "Content-Type: application/json\r\n"


def said(connection: socket.socket) -> bytes:
    """All the server says until it hangs up or, when it has spoken, falls silent."""
    got = b""
    try:
        while piece := connection.recv(65536):
            got += piece
            connection.settimeout(2)
    except (TimeoutError, ConnectionResetError):
        pass
    return got


def exchanged(server: Served, *pieces: bytes) -> bytes:
    with server.raw() as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return said(connection)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


GARBAGE = [
    b"\r\n\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
    b"GET /\x00\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /api/v1/jobs/\xff\xfe HTTP/1.1\r\n" + AUTH.encode() + b"\r\n",
    b"GET /api/v1/jobs?state=%ff%00&%= HTTP/1.1\r\n" + AUTH.encode() + b"\r\n",
    b"GET http://elsewhere/api/v1/jobs HTTP/1.1\r\n" + AUTH.encode() + b"\r\n",
    b"CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"A" * 100_000,
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_hurts_nobody_else(server, garbage) -> None:
    answer = exchanged(server, garbage, b"\r\n\r\nmore garbage\r\n\r\n" * 20)

    assert not answer.startswith(b"HTTP/1.1 2")
    assert b"Traceback" not in answer
    assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert server.answers()


def test_garbage_behind_a_good_request_does_not_spoil_its_answer(server) -> None:
    answer = exchanged(server, f"GET /api/v1/jobs HTTP/1.1\r\n{AUTH}\r\n".encode() + b"\x00\xff rubbish\r\n\r\n")

    assert status(answer) in {200, 400}
    assert server.answers()


def test_pipelined_requests_are_answered_in_order(server) -> None:
    both = f"GET /livez HTTP/1.1\r\n{AUTH}\r\nGET /version HTTP/1.1\r\n{AUTH}Connection: close\r\n\r\n"

    answer = exchanged(server, both.encode())

    assert answer.index(b'"alive"') < answer.index(b'"version"')


def test_huge_headers_are_refused(server) -> None:
    bomb = b"GET /api/v1/jobs HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(500))

    answer = exchanged(server, bomb + AUTH.encode() + b"\r\n")

    assert answer == b"" or 200 <= status(answer) < 500
    assert server.answers()


def test_a_body_announced_too_large_is_refused_before_it_is_sent(server) -> None:
    head = f"POST /api/v1/jobs HTTP/1.1\r\n{JSON}Content-Length: {10 << 30}\r\n\r\n"

    answer = exchanged(server, head.encode())

    assert status(answer) == 413
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "urn:runyard:problem:body-too-large"


def test_a_body_in_chunks_is_refused_once_it_is_too_large(server) -> None:
    head = f"POST /api/v1/jobs HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    answer = exchanged(server, head.encode(), *[chunk] * 40)

    assert status(answer) == 413
    assert server.answers()


def test_a_body_that_breaks_off_creates_nothing(server) -> None:
    head = f"POST /api/v1/jobs HTTP/1.1\r\n{JSON}Content-Length: 1000\r\n\r\n"
    with server.raw() as connection:
        connection.sendall(head.encode() + b'{"command": "true"}')

    with server.client() as client:
        assert client.get("jobs").json()["items"] == []


def test_a_stranger_with_a_huge_body_is_sent_away(server) -> None:
    head = f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10 << 30}\r\n\r\n"

    assert status(exchanged(server, head.encode())) == 401


def test_two_tokens_are_none(server) -> None:
    twice = f"GET /api/v1/jobs HTTP/1.1\r\n{AUTH}Authorization: Bearer {TOKEN}\r\n\r\n"

    assert status(exchanged(server, twice.encode())) == 401


@pytest.mark.parametrize(
    "header",
    [
        b"X-Request-ID: \xff\xfe",
        b"X-Request-ID: a\r\nX-Request-ID: b",
        b"Last-Event-ID: \xff\xff",
        b"Content-Type: \xff",
        b"Accept: " + b"*/*," * 1000,
        b"Cookie: " + b"a=b; " * 500 + b"\xff",
        b"Host: \xff",
        b"X-Forwarded-For: not an address",
        b"Content-Length: 0",
        b"Expect: 100-continue",
    ],
)
def test_a_strange_header_is_survived(server, header) -> None:
    request = b"GET /api/v1/jobs HTTP/1.1\r\nConnection: close\r\n" + AUTH.encode() + header + b"\r\n\r\n"

    answer = exchanged(server, request)

    assert status(answer) in {200, 400}
    assert b"\xff" not in answer
    assert server.answers()


TRAVERSALS = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252fetc%252fpasswd",
    "..%5c..%5cetc%5cpasswd",
    "....//....//etc/passwd",
    "%2fetc%2fpasswd",
    "%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
    "file:%2f%2f%2fetc%2fpasswd",
    "%00",
    "a%00.css",
    "%ff%fe",
    "%e2%80%ae",
    "CON",
    "x%0d%0aX-Injected:%20yes",
]
ADDRESSES = ["/api/v1/jobs/{}", "/api/v1/jobs/{}/log", "/api/v1/runners/{}", "/schema/assets/{}", "/schema/{}", "/{}"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_names_in_an_address_lead_nowhere_else(server, address) -> None:
    for traversal in TRAVERSALS:
        request = f"GET {address.format(traversal)} HTTP/1.1\r\nConnection: close\r\n{AUTH}\r\n"
        head, _, body = exchanged(server, request.encode()).partition(b"\r\n\r\n")

        assert status(head) == 404, (traversal, head)
        assert b"application/problem+json" in head
        assert b"x-injected" not in head.lower()
        assert b"root:" not in body
