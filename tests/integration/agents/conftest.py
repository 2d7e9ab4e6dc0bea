from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.server import Server

from .box import Box


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Running at an address that it keeps."""
    server = Server(tmp_path_factory.mktemp("yard"), "--slots", "1", RUNYARD_RATE_LIMITS="false")
    server.keep_address()
    server.start()
    yield server
    server.close()


@pytest.fixture
def boxes(server: Server, tmp_path: Path) -> Iterator[Callable[..., Box]]:
    """Makes machines, each with a name that no other has."""
    made: list[Box] = []

    def make(name: str, **asked: str) -> Box:
        made.append(Box(server, tmp_path, name, **asked))  # type: ignore[arg-type] # `slots` is a number
        return made[-1]

    yield make
    for box in made:
        box.close()
