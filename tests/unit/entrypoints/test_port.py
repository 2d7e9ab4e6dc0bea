import pytest

from runyard.entrypoints.up import PortUnavailable, _bound


def test_a_port_belongs_to_one_server_from_the_moment_it_has_it() -> None:
    with _bound(0) as listening, pytest.raises(PortUnavailable), _bound(listening.getsockname()[1]):
        pass
