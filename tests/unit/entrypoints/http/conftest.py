import pytest

from tests.unit.application.yard import MemoryYard

from .house import WITH_TOKEN, a_client


@pytest.fixture
def yard() -> MemoryYard:
    return MemoryYard()


@pytest.fixture
def stranger(yard):
    """A client without a token."""
    with a_client(yard) as client:
        yield client


@pytest.fixture
def client(stranger):
    stranger.headers.update(WITH_TOKEN)
    return stranger
