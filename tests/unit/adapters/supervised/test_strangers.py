"""What a host says of itself is a stranger's word."""

import pytest

from runyard.adapters.supervised.ssh.greeting import Greeting
from runyard.adapters.supervised.ssh.hosts import _facts_in
from runyard.application.ports.executor import HostUnreachable

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
