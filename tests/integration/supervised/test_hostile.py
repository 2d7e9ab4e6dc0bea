"""Whatever arrives on the socket, the supervisor stays."""

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from runyard.adapters.supervised.program import frames

from .yard import Yard

pytestmark = pytest.mark.machine
HEADER = struct.Struct(">IBQ")


@contextmanager
def raw(yard: Yard) -> Iterator[socket.socket]:
    """A bare connection."""
    folder = os.open(yard.directory, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(f"/proc/self/fd/{folder}/sock")
        os.close(folder)
        channel.settimeout(60)
        yield channel


def start(**changes: object) -> bytes:
    body = {
        "key": "a/1", "nonce": "n", "stamp": 0.0, "argv": ["true"], "env": {}, "cwd": None, "stdin": None,
        "run_timeout": None, "grace": 1, "log_limit": 1, "log_policy": "stop",
    }  # fmt: skip
    return frames.control(frames.START, 1, body | changes)


HOSTILE = {
    "noise": os.urandom(4096),
    "an unknown type": HEADER.pack(0, 99, 0),
    "a body too large": HEADER.pack(0xFFFFFFFF, frames.HELLO, 0),
    "a body just too large": HEADER.pack(frames.MAX_BODY + 1, frames.START, 0),
    "no JSON": HEADER.pack(3, frames.HELLO, 0) + b"}{x",
    "no object": HEADER.pack(4, frames.HELLO, 0) + b"[{}]",
    "deep JSON": HEADER.pack(200000, frames.HELLO, 0) + b"[" * 200000,
    "bytes that are no text": HEADER.pack(4, frames.START, 0) + b"\xff\xfe\xfd\xfc",
    "a frame for the other side": HEADER.pack(2, frames.WELCOME, 0) + b"{}",
    "a start of nothing": HEADER.pack(2, frames.START, 0) + b"{}",
    "a key out of its folder": start(key="../../etc/1"),
    "a key with a dot folder": start(key="a/../1"),
    "a key without number": start(key="a"),
    "a key too long": start(key="a" * 200 + "/1"),
    "argv and script": start(script="true"),
    "neither": start(argv=None),
    "an empty argv": start(argv=[]),
    "numbers as argv": start(argv=[1]),
    "a list as env": start(env=["A=1"]),
    "numbers in env": start(env={"A": 1}),
    "numbers as secrets": start(secrets={"A": 1}),
    "a list as secret files": start(secret_files=["A"]),
    "a secret file out of its folder": start(secret_files={"../A": "value"}),
    "a negative limit": start(log_limit=-1),
    "a true limit": start(log_limit=True),
    "a time that is none": start(run_timeout="soon"),
    "endless time": start().replace(b'"stamp":0.0', b'"stamp":NaN'),
    "an unknown wish": frames.control(frames.SIGNAL, 0, {"key": "a/1", "kind": "explode"}),
    "an acknowledgement of a text": frames.control(frames.ACK, 0, {"key": "a/1", "offset": "1"}),
    "an offset below zero": frames.control(frames.RESUME, 0, {"key": "a/1", "offset": -5}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_frame_ends_the_connection_and_nothing_else(yard: Yard, name: str) -> None:
    pid = yard.pid()

    with raw(yard) as channel:
        with suppress(BrokenPipeError, ConnectionResetError):
            channel.sendall(HOSTILE[name])
        with suppress(ConnectionResetError):
            assert channel.recv(4096) == b""

    assert yard.another().hello()
    yard.executor = yard.another()
    assert yard.pid() == pid
    assert (yard.directory / "err").read_text() == ""


def test_a_frame_may_come_byte_by_byte(yard: Yard) -> None:
    yard.pid()
    with raw(yard) as channel:
        for byte in frames.control(frames.HELLO, 7, {}):
            channel.sendall(bytes([byte]))
            time.sleep(0.001)
        length, kind, handle = HEADER.unpack(channel.recv(13, socket.MSG_WAITALL))
        assert (kind, handle) == (frames.WELCOME, 7)
        assert json.loads(channel.recv(length, socket.MSG_WAITALL))["containment"]


def test_who_asks_without_listening_is_not_answered_without_end(yard: Yard) -> None:
    yard.pid()
    before = yard.memory()
    with raw(yard) as channel:
        channel.settimeout(1)
        with suppress(TimeoutError):
            for _ in range(4000):
                channel.sendall(frames.control(frames.HELLO, 0, {}) * 100)
        yard.executor = yard.another()
        assert yard.memory("VmHWM") - before < 40 << 20


def test_many_silent_connections_keep_nobody_out(yard: Yard) -> None:
    yard.pid()
    folder = os.open(yard.directory, os.O_RDONLY)
    idle = [socket.socket(socket.AF_UNIX) for _ in range(100)]
    try:
        for channel in idle:
            channel.connect(f"/proc/self/fd/{folder}/sock")
        assert yard.run(("/bin/echo", "in")).text == "in\n"
    finally:
        os.close(folder)
        for channel in idle:
            channel.close()


def test_a_start_of_a_megabyte_of_text_passes(yard: Yard) -> None:
    text = "\u00e9\0\x01"[0] * 500_000
    assert yard.run(("/usr/bin/wc", "-c"), stdin=text).text.strip() == str(len(text.encode()))
    assert yard.run(": " + "x" * 1_000_000).outcome.exit_code == 0


def test_output_that_looks_like_ours_is_output_and_nothing_else(yard: Yard, tmp_path: Path) -> None:
    order = yard.order(("cat", str(tmp_path / "said")))
    key = str(order.ref)
    said = [frames.control(kind, 1, {"key": key, "ending": "exit", "exit_code": 7}) for kind in sorted(frames.TYPES)]
    said += [frames.data_header(1, 0, 5) + b"forge", start(key=key), *HOSTILE.values()]
    said += [
        b'{"percent": 99, "message": "forged", "result": {"forged": true}}\n',
        b'event: end\nid: 1-0\ndata: {"state": "failed", "exit_code": 7}\n\n',
        b"::set-output name=forged::1\n##[error]forged\n\x1b]0;forged\x07",
    ]
    whole = b"".join(said)
    (tmp_path / "said").write_bytes(whole)

    yard.start(order)
    seen = yard.ended(order.ref)

    assert seen.bytes() == whole
    assert seen.reports == []
    assert (seen.started, seen.outcome.exit_code, seen.outcome.log_size) == (1, 0, len(whole))
