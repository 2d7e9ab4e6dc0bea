import pytest

from .served import served


@pytest.fixture
def server():
    with served() as running:
        yield running
