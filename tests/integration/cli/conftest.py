"""A real server, and the command line of the same account, called from another folder."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.server import Server

Command = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    nowhere = {"RUNYARD_URL": "", "RUNYARD_TOKEN": "", "RUNYARD_TOKEN_FILE": ""}
    server = Server(tmp_path_factory.mktemp("yard"), "--slots", "4", **nowhere)
    yield server
    server.close()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """Running, whatever the test before did to it."""
    if shared_server.process is None:
        shared_server.start()
    return shared_server


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture
def begun(server: Server, elsewhere: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`runyard ARGS...`, without address and without token."""
    children: list[subprocess.Popen[bytes]] = []

    def begin(*argv: str, **environment: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-m", "runyard.entrypoints.cli", *argv],
            cwd=elsewhere,
            env=server.environment | environment,
            bufsize=0,  # what a buffer read beyond a line `communicate` would never see
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        children.append(child)
        return child

    yield begin
    for child in children:
        if child.poll() is None:
            child.kill()
        child.communicate()


@pytest.fixture
def runyard(begun: Callable[..., subprocess.Popen[bytes]]) -> Command:
    """The same, to its end."""

    def call(*argv: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        child = begun(*argv, **environment)
        out, err = child.communicate(timeout=60)
        return subprocess.CompletedProcess(argv, child.returncode, out, err)

    return call
