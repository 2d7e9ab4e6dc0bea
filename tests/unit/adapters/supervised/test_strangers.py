"""What a host says of itself is a stranger's word."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from runyard.adapters.supervised.client import Connection
from runyard.adapters.supervised.executor import SupervisedExecutor
from runyard.adapters.supervised.program import frames, records
from runyard.adapters.supervised.ssh.greeting import Greeting
from runyard.adapters.supervised.ssh.hosts import _facts_in
from runyard.adapters.supervised.streams import SocketStream
from runyard.application.ports.executor import HostUnreachable, Resume
from runyard.domain.jobs.ids import AttemptRef
from tests.builders import a_job_id

SAID = {
    "python": [3, 11, 2],
    "interpreter": "/usr/bin/python3",
    "cores": 4,
    "work_root": "/srv/x",
    "work_root_error": None,
    "free_bytes": 1 << 30,
    "containment": "cgroup2",
    "time": 100.0,
    "ends_processes": False,
    "boot_id": "b",
}


def test_facts_are_taken_as_they_were_asked_for() -> None:
    facts = _facts_in(SAID, 98.0, Greeting(b"hi", 0.1), 8)

    assert (facts.python, facts.seconds_ahead, facts.noise) == ((3, 11, 2), 2.0, b"hi")


@pytest.mark.parametrize("name", SAID)
def test_a_host_that_leaves_something_out_is_no_host_of_ours(name: str) -> None:
    with pytest.raises(HostUnreachable):
        _facts_in({key: value for key, value in SAID.items() if key != name}, 0.0, Greeting(b"", 0.0), 1)


@pytest.mark.parametrize("wrong", [{"time": "now"}, {"python": [3]}, {"python": "3.11"}, {"cores": None}])
def test_a_host_that_says_something_else_is_none_either(wrong) -> None:
    with pytest.raises(HostUnreachable):
        _facts_in(SAID | wrong, 0.0, Greeting(b"", 0.0), 1)


class Stranger:
    """Whatever is asked of it, it says this, each time that somebody comes."""

    def __init__(self, said: bytes) -> None:
        self.said, self.came = said, 0
        self.ends: list[socket.socket] = []

    def __call__(self, wake: int) -> Connection:
        ours, theirs = socket.socketpair()
        self.came += 1
        self.ends += [ours, theirs]
        theirs.sendall(self.said)
        return Connection(SocketStream(ours), wake)

    def lives(self) -> bool:
        return True


def told(kind: int, body: bytes) -> bytes:
    """Of the first attempt that it is asked about, and of the second."""
    return b"".join(frames.HEADER.pack(len(body), kind, handle) + body for handle in (1, 2))


def events(executor: SupervisedExecutor) -> Any:
    executor.resume([Resume(AttemptRef(a_job_id(), 1), 0)])
    return executor.events(1.0)


NOTHING = frames.OFFSET.pack(0)
FAR_OFF = records.RECORD.pack(1, (1 << 64) - 1, 1) + b"x"
NONSENSE: list[tuple[Callable[[SupervisedExecutor], Any], bytes]] = [
    (SupervisedExecutor.hello, frames.control(frames.WELCOME, 0, {"nonce": "n"})),
    (SupervisedExecutor.hello, frames.HEADER.pack(1, frames.WELCOME, 0) + b"{"),
    (SupervisedExecutor.held, frames.control(frames.LISTED, 0, {"keys": ["a/b"]})),
    (SupervisedExecutor.held, frames.control(frames.LISTED, 0, {"keys": [5]})),
    (SupervisedExecutor.stop_supervisor, frames.control(frames.STOPPING, 0, {})),
    (events, told(frames.STARTED, b"{}")),
    (events, told(frames.DATA, b"")),
    (events, told(frames.DATA, NOTHING + b"\x01")),
    (events, told(frames.DATA, NOTHING + FAR_OFF)),
]


@pytest.mark.parametrize(("ask", "said"), NONSENSE, ids=range(len(NONSENSE)))
def test_who_talks_nonsense_is_a_host_out_of_reach_and_is_dialled_anew(
    ask: Callable[[SupervisedExecutor], Any], said: bytes
) -> None:
    stranger = Stranger(said)
    executor = SupervisedExecutor(stranger)
    try:
        for _ in range(2):
            with pytest.raises(HostUnreachable, match="no supervisor of ours"):
                ask(executor)
    finally:
        executor.close()
        for end in stranger.ends:
            end.close()
    assert stranger.came == 2
