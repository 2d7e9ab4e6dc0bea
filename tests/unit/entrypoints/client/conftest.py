"""A client of the scripted server."""

import pytest

from runyard.entrypoints.client.client import connect

from ..yard_server import TOKEN


@pytest.fixture
def client(server):
    with connect(server.url, token=TOKEN, patience=60) as client:
        yield client
