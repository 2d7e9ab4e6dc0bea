import pytest

from runyard.entrypoints.serving import PortUnavailable, bound


def test_a_port_belongs_to_one_server_from_the_moment_it_has_it() -> None:
    with bound("127.0.0.1", [0]) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(PortUnavailable, match=str(port)), bound("127.0.0.1", [port]):
            pass
