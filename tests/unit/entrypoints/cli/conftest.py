"""The command line, called in this process or in one of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from runyard.entrypoints.cli import main

from ..yard_server import TOKEN


@dataclass(frozen=True, slots=True)
class Said:
    """What a command did."""

    code: int
    raw: bytes
    raw_err: bytes

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def err(self) -> str:
        return self.raw_err.decode()

    @property
    def rows(self) -> list[list[str]]:
        return [line.split("\t") for line in self.out.splitlines()]


@pytest.fixture
def runyard(server, monkeypatch, capfdbinary):
    """`runyard ARGS...` with the scripted server in its environment."""
    monkeypatch.setenv("RUNYARD_URL", server.url)
    monkeypatch.setenv("RUNYARD_TOKEN", TOKEN)

    def call(*argv: str) -> Said:
        capfdbinary.readouterr()
        code = main(argv)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Said(code, out, err)

    return call


@pytest.fixture
def started(server, monkeypatch):
    """`runyard ARGS...` as a process of its own."""
    monkeypatch.setenv("RUNYARD_URL", server.url)
    monkeypatch.setenv("RUNYARD_TOKEN", TOKEN)
    children: list[subprocess.Popen[bytes]] = []

    def start(
        *argv: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "runyard.entrypoints.cli", *argv]
        child = subprocess.Popen(command, env=dict(os.environ), stdin=stdin, stdout=stdout, stderr=stderr)
        children.append(child)
        return child

    yield start
    for child in children:
        if child.poll() is None:
            child.kill()
        child.communicate()
