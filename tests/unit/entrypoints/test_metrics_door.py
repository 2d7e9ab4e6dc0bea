"""The numbers of a worker, wherever it listens."""

import socket

import httpx2
import pytest

from runyard.entrypoints.doorkeeper import only
from runyard.entrypoints.worker.metrics_door import MetricsDoor


def can_be_bound(host: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6) as asking:
            asking.bind((host, 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(("host", "named"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_whoever_has_the_token_is_told_the_numbers(host: str, named: str) -> None:
    if ":" in host and not can_be_bound(host):
        pytest.skip("this machine speaks no IPv6")
    door = MetricsDoor(host, 0, lambda: b"numbers 1\n", only("right"))
    door.start()
    try:
        page = f"http://{named}:{door.port}/metrics"
        told = httpx2.get(page, headers={"Authorization": "Bearer right"}, trust_env=False)
        refused = httpx2.get(page, headers={"Authorization": "Bearer wrong"}, trust_env=False)
    finally:
        door.stop()

    assert (told.status_code, told.content) == (200, b"numbers 1\n")
    assert (refused.status_code, refused.content) == (401, b"")
