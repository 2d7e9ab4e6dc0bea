"""A machine with an agent, as far as one can play another machine: a folder and a process of its own."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.integration.installation import end_supervisor
from tests.integration.server import Server

WAIT_SECONDS = 60


class Box:
    """Registered at this server; its agent is started, killed and started again. `close` leaves nothing behind.

    `inside` is what everything there is started by, in a network of its own for instance, `url` the way to the server
    from there, and `program` what is called `runyard` there.
    """

    def __init__(
        self,
        server: Server,
        folder: Path,
        name: str = "box",
        *,
        slots: int = 2,
        inside: tuple[str, ...] = (),
        url: str | None = None,
        program: str = "runyard.entrypoints.cli",
        **settings: str,
    ) -> None:
        self.server, self.name, self.folder = server, name, folder / name
        self._runyard = (*inside, sys.executable, "-m", program)
        self._url = url
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "nowhere"),
            "XDG_RUNTIME_DIR": "",
            "RUNYARD_AGENT_DIR": str(self.folder),
            "NO_PROXY": "*",
            "RUNYARD_CA_FILE": settings.get("ca_file", ""),
            **{f"RUNYARD_AGENT_{setting.upper()}": value for setting, value in settings.items()},
        }
        self.err = (folder / f"{name}.err").open("a+")
        self.process: subprocess.Popen[str] | None = None
        with server.client() as client:
            _, self.registration = client.runners.add_agent(name, slots=slots)
        self.register(server, self.registration.token)

    def says(self, *argv: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """`runyard agent ARGS…`, to its end."""
        command = [*self._runyard, "agent", *argv]
        return subprocess.run(
            command, env=self.environment, input=given, capture_output=True, text=True, timeout=60, check=False
        )

    def lists(self, what: str, *argv: str) -> list[str]:
        """What `runyard runner WHAT …` says, as its admin: the third column."""
        where = {"RUNYARD_URL": self.server.address["url"], "RUNYARD_TOKEN_FILE": self.server.address["token_file"]}
        command = [sys.executable, "-m", "runyard.entrypoints.cli", "runner", what, *argv]
        done = subprocess.run(
            command, env=self.environment | where, capture_output=True, text=True, timeout=60, check=True
        )
        return [line.split("\t")[2] for line in done.stdout.splitlines()]

    def register(self, server: Server, token: str) -> None:
        done = self.says("register", "--url", self._url or server.address["url"], given=token)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start the agent, and wait until the server knows it."""
        self.begin()
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the agent did not start: {self.errors()}"

    def begin(self) -> None:
        """Start it, and do not wait."""
        command = [*self._runyard, "agent", "start", "--json"]
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=self.err, text=True
        )

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill -9 the agent, and nothing else."""
        self.send(signal.SIGKILL)
        self.left()

    def left(self) -> int:
        """The exit code, once it has left."""
        assert self.process is not None
        assert self.process.stdout is not None
        code = self.process.wait(WAIT_SECONDS)
        self.process.stdout.close()
        self.process = None
        return code

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.says("status", "--json").stdout)
        return told

    def errors(self) -> str:
        self.err.seek(0)
        return self.err.read()

    def close(self) -> None:
        """No agent, no supervisor, no process of a job."""
        if self.process is not None:
            if self.process.poll() is None:
                self.send(signal.SIGCONT)
                self.send(signal.SIGKILL)
            self.left()
        for pid in supervisors(self.folder / "host"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        end_supervisor(self.folder / "host")
        self.err.close()


def supervisors(folder: Path) -> list[int]:
    """The supervisor that lives in this folder, and its guard."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                told = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(folder).encode() in told:
                found.append(int(entry.name))
    return found
