"""Connections that are too many, too slow, or speak something else than HTTP, on a real server."""

import json
import socket
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPResponse
from time import monotonic, sleep

import pytest

from runyard.application.ports.jobs import JobFilter
from runyard.entrypoints.http.connections import ConnectionTerms
from runyard.entrypoints.serving import Manners
from tests.unit.application.yard import ended
from tests.unit.entrypoints.http.house import TOKEN

from .served import Served, served, wait_until

AUTH = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
POST = f"POST /api/v1/jobs HTTP/1.1\r\n{AUTH}Content-Type: application/json\r\n"
HASTY = ConnectionTerms(head_seconds=1.0, body_seconds=1.0, body_bytes_per_second=20_000, stuck_seconds=1.5)
JOB = b'{"command": "true"}'


def problem(answer: bytes) -> tuple[int, str]:
    """Status and code of the one problem that is said."""
    head, _, body = answer.partition(b"\r\n\r\n")
    said = head.decode().lower().split("\r\n")
    assert "content-type: application/problem+json" in said
    assert "x-content-type-options: nosniff" in said
    assert "connection: close" in said
    told = json.loads(body)
    assert f"x-request-id: {told['request_id']}" in said
    assert told["status"] == int(said[0].split()[1])
    return told["status"], told["type"].rpartition(":")[2]


def heard(connection: socket.socket, seconds: float = 30) -> bytes:
    """All the server says until it hangs up."""
    connection.settimeout(seconds)
    got = b""
    try:
        while piece := connection.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return got


def answered(connection: socket.socket) -> int:
    """The status of the next answer, which is read whole."""
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def exchanged(server: Served, *pieces: bytes, pause: float = 0) -> bytes:
    with server.raw() as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return heard(connection)


@pytest.fixture(scope="module")
def usual():
    with served() as server:
        yield server


@pytest.fixture(scope="module")
def hasty():
    with served(manners=Manners(connections=HASTY)) as server:
        yield server


SMUGGLED = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "a list of lengths": b"Content-Length: 5, 5\r\n\r\nhello",
    "a signed length": b"Content-Length: +5\r\n\r\nhello",
    "a length in hexadecimals": b"Content-Length: 0x5\r\n\r\nhello",
    "a length beyond numbers": b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a coding that is not the last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a coding nobody knows": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Content-Length : 5\r\n\r\nhello",
    "a folded header": b"X-A: b\r\n c\r\n\r\n",
    "a bare return": b"X-A: b\rContent-Length: 5\r\n\r\nhello",
    "a bare newline": b"X-A: b\nContent-Length: 5\r\n\r\nhello",
    "a zero byte": b"X-A: \x00b\r\n\r\n",
    "a size of a chunk that is none": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "a size of a chunk without an end": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n",
    "a chunk longer than it says": b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("shape", SMUGGLED)
def test_what_two_readers_could_understand_differently_is_refused_and_nothing_behind_it_is_done(usual, shape) -> None:
    smuggled = f"{POST}Content-Length: {len(JOB)}\r\n\r\n".encode() + JOB

    answer = exchanged(usual, POST.encode() + SMUGGLED[shape] + smuggled)

    assert problem(answer) == (400, "not-http")
    assert jobs_of(usual) == []


def jobs_of(server: Served) -> list[object]:
    with server.yard.store.read() as reading:
        return [*reading.jobs.page(JobFilter(), after=None, limit=10).items]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=range(8),
)
def test_what_is_not_http_is_told_so_as_a_problem(usual, garbage) -> None:
    assert problem(exchanged(usual, garbage)) == (400, "not-http")


def test_what_was_asked_before_the_garbage_is_answered(usual) -> None:
    answer = exchanged(usual, f"GET /version HTTP/1.1\r\n{AUTH}\r\n".encode() + b"\x00\xff rubbish\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


HEADS = {
    "many headers": b"".join(b"X-%d: y\r\n" % number for number in range(101)),
    "large headers": b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1000) for number in range(40)),
    "a large header": b"X-A: " + b"y" * 40_000 + b"\r\n",
}


@pytest.mark.parametrize("head", HEADS)
def test_a_head_without_measure_is_refused(usual, head) -> None:
    assert problem(exchanged(usual, b"GET /livez HTTP/1.1\r\n" + HEADS[head] + b"\r\n")) == (431, "head-too-large")


def test_so_are_an_address_and_a_header_that_never_end(usual) -> None:
    assert problem(exchanged(usual, b"GET /", *[b"a" * 10_000] * 20)) == (431, "head-too-large")
    assert problem(exchanged(usual, b"GET / HTTP/1.1\r\nX-A: ", *[b"a" * 10_000] * 20)) == (431, "head-too-large")


def test_a_head_within_measure_is_not_however_it_comes(usual) -> None:
    head = b"GET /livez HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\nX-A: " + b"y" * 30_000 + b"\r\n\r\n"
    pieces = [head[start : start + 997] for start in range(0, len(head), 997)]

    assert exchanged(usual, *pieces, pause=0.001).startswith(b"HTTP/1.1 200")


def test_what_follows_a_body_adds_no_headers(usual) -> None:
    body = b"%x\r\n%s\r\n0\r\nIdempotency-Key: smuggled\r\nX-Request-ID: smuggled\r\n\r\n" % (len(JOB), JOB)
    request = POST.encode() + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body

    first, second = exchanged(usual, request), exchanged(usual, request)

    assert first.startswith(b"HTTP/1.1 201")
    assert second.startswith(b"HTTP/1.1 201")
    assert b"smuggled" not in first + second


def test_an_address_in_full_names_the_host_whatever_the_header_says(usual) -> None:
    there = b"GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    here = b"GET http://localhost:1/livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"

    assert exchanged(usual, there).startswith(b"HTTP/1.1 421")
    assert exchanged(usual, here).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
def test_nothing_else_than_http_1_1_is_spoken_afterwards(usual, upgrade) -> None:
    request = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: " + upgrade + b"\r\n\r\n"

    answer = exchanged(usual, request + b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"version" not in answer


def slowly(connection: socket.socket, piece: bytes, seconds: float) -> bytes:
    """Keep sending it until the server has had enough; what it says then."""
    end = monotonic() + seconds
    connection.settimeout(0.1)
    while monotonic() < end:
        try:
            connection.sendall(piece)
            answer = connection.recv(65536)
            return answer and answer + heard(connection)
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            return heard(connection)  # what it said before it hung up
    raise AssertionError("it was let do so")


SLOW: dict[str, tuple[bytes, bytes, tuple[int, str] | None]] = {
    "a head": (b"GET /livez HTTP/1.1\r\nX-A: ", b"y", (408, "too-slow")),
    "headers": (b"GET /livez HTTP/1.1\r\n", b"X-A: y\r\n", (408, "too-slow")),
    "an address": (b"GET /", b"y", (408, "too-slow")),
    "empty lines": (b"\r\n", b"\r\n", None),
    "a body": (f"{POST}Content-Length: 1000000\r\n\r\n".encode(), b" ", (408, "too-slow")),
    "chunks": (f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\n \r\n", (408, "too-slow")),
}


@pytest.mark.parametrize("what", SLOW)
def test_nobody_holds_a_connection_by_being_slow(hasty, what) -> None:
    begin, piece, told = SLOW[what]
    with hasty.raw() as connection:
        connection.sendall(begin)
        answer = slowly(connection, piece, 30)

    assert (problem(answer) if answer else None) == told
    assert jobs_of(hasty) == []


def test_nor_by_saying_nothing(hasty) -> None:
    with hasty.raw() as connection:
        assert heard(connection) == b""


def test_nor_by_a_body_that_nobody_wants_any_more(hasty) -> None:
    with hasty.raw() as connection:
        connection.sendall(b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        assert answered(connection) == 401
        assert slowly(connection, b" ", 30) == b""


def test_a_large_body_that_keeps_coming_has_the_time_it_needs(hasty) -> None:
    body = b'{"jobs": [' + b" " * 400_000 + b"]}"
    head = f"POST /api/v1/jobs/batch HTTP/1.1\r\n{AUTH}Connection: close\r\nContent-Type: application/json\r\n"
    pieces = [body[start : start + 40_000] for start in range(0, len(body), 40_000)]

    answer = exchanged(hasty, f"{head}Content-Length: {len(body)}\r\n\r\n".encode(), *pieces, pause=0.25)

    assert answer.startswith(b"HTTP/1.1 200")


def test_who_does_not_read_his_answer_is_left(hasty) -> None:
    job = hasty.running()
    for number in range(32):
        hasty.written(job, number << 20, b"x" * (1 << 20))
    hasty.yard.report(ended(job, log_size=32 << 20), fence=job.fence)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", hasty.port))
        connection.sendall(f"GET /api/v1/jobs/{job.id}/log HTTP/1.1\r\n{AUTH}\r\n".encode())
        assert connection.recv(1, socket.MSG_PEEK)  # its answer has begun
        wait_until(lambda: not hasty.connections)


def opened(server: Served, stack: ExitStack, many: int) -> list[socket.socket]:
    connections = [stack.enter_context(server.raw()) for _ in range(many)]
    wait_until(lambda: len(server.connections) >= many)
    return connections


def test_one_connection_too_many_is_told_so_and_the_others_go_on() -> None:
    with served(manners=Manners(connections=replace(HASTY, most=5, head_seconds=20))) as server, ExitStack() as stack:
        connections = opened(server, stack, 5)
        assert problem(exchanged(server)) == (503, "too-many-connections")

        connections[0].sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert heard(connections[0]).startswith(b"HTTP/1.1 200")
        wait_until(server.answers)


def test_many_at_once_leave_no_trace() -> None:
    with served(manners=Manners(connections=replace(HASTY, most=5, head_seconds=20))) as server:
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(server.raw())
            sleep(0.3)
        wait_until(lambda: not server.connections)
        assert server.answers()


def test_pipelined_requests_have_an_end(usual) -> None:
    one = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"

    assert (
        exchanged(usual, one * 20 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")).count(b'"alive"') == 21
    )
    assert exchanged(usual, one * 2000).count(b'"alive"') < 100
    assert usual.answers()


def test_a_server_that_is_spoken_to_badly_writes_no_log(usual, capfd) -> None:
    for garbage in (b"\x00" * 100, b"GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"):
        exchanged(usual, garbage)

    assert capfd.readouterr().err == ""
