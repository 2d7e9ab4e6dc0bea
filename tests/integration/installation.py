"""A production installation of real processes: any number of `serve` and `worker`, on one PostgreSQL and one Valkey."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from runyard.adapters.supervised.pipe import local_executor
from runyard.application.ports.executor import AttemptSignal, HostUnreachable, Receipt, SignalKind
from runyard.entrypoints.client.client import Client
from runyard.entrypoints.library import connect

from .server import processes_with, until

_DRIVER = text("select driver_epoch, driver_since, driver_until from runner where name = :name")


class Process:
    """One `runyard serve` or `runyard worker`, with the signals a test may want to send it."""

    def __init__(self, installation: "Installation", name: str, *arguments: str, **environment: str) -> None:
        self._installation = installation
        self._arguments = arguments
        self.environment = {**installation.environment, **environment}
        self.err = (installation.folder / f"{name}.err").open("a+")
        self._process: subprocess.Popen[str] | None = None
        self.told: dict[str, Any] = {}

    def start(self) -> None:
        """Start it, and wait until it says that it works."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._installation.program, *self._arguments, "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.err,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"it did not start: {self.errors()}"
        self.told = json.loads(line)

    @property
    def url(self) -> str:
        """Where it serves."""
        return str(self.told["url"])

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Which process it is, or was last."""
        return int(self.told["pid"])

    def client(self, *, patience: float = 60.0) -> Client:
        """A client of this one."""
        return connect(self.url, token_file=str(self._installation.data_dir / "admin.token"), patience=patience)

    def send(self, number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill -9, at once."""
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM, seconds: float = 60) -> int | None:
        """Send it a signal and wait for its end; the exit code, or None if it was not there."""
        if self._process is None:
            return None
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        return self.wait(seconds)

    def wait(self, seconds: float = 60) -> int:
        """Wait for its end; the exit code."""
        assert self._process is not None
        code = self._process.wait(timeout=seconds)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return code

    def errors(self) -> str:
        """What it said on standard error."""
        self.err.flush()
        return Path(self.err.name).read_text()


@dataclass(frozen=True, slots=True)
class Driver:
    """Since when it drives, and until when its lease lasts, by the clock of the database."""

    epoch: int
    since: datetime
    until: datetime

    def followed_late(self, by: "Driver") -> float:
        """How many seconds after the end of its lease it was followed; before it, if that is negative."""
        return (by.since - self.until).total_seconds()


class Installation:
    """One data directory, as all processes of one host and account have it; `close` leaves nothing behind."""

    program = "runyard.entrypoints.cli"

    def __init__(self, folder: Path, database_url: str, redis_url: str, **environment: str) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_RUNTIME_DIR": str(folder / "none"),
            "RUNYARD_DATA_DIR": str(self.data_dir),
            "RUNYARD_DATABASE_URL": database_url,
            "RUNYARD_REDIS_URL": redis_url,
            "RUNYARD_RUNNER_NAME": "here",
            "RUNYARD_DRAIN": "0.5",
            # The databases of tests forget on purpose what a crash of the machine would cost.
            "RUNYARD_ALLOW_UNSAFE_DATABASE": "true",
            **environment,
        }
        self.processes: list[Process] = []

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `runyard` to its end."""
        return subprocess.run(
            [sys.executable, "-m", "runyard.entrypoints.cli", *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def migrate(self) -> None:
        """`runyard migrate`, which has to succeed."""
        done = self.run("migrate")
        assert done.returncode == 0, done.stderr

    def serve(self, **environment: str) -> Process:
        """One more `runyard serve`, on a free port; it serves when this returns."""
        return self._started("serve", "--port", "0", **environment)

    def serve_at(self, port: int) -> Process:
        """The same, at a port that it will have again when it comes back."""
        return self._started("serve", "--port", str(port))

    def worker(self, *options: str, **environment: str) -> Process:
        """One more `runyard worker`; it works when this returns. `--local` lets it run jobs here."""
        return self._started("worker", *options, **environment)

    def close(self) -> None:
        """End every process that is left, then the supervisors, with whatever they run."""
        for process in self.processes:
            if process.runs:
                process.kill()
            process.err.close()
        for supervisor in self.supervisors():
            end_supervisor(supervisor)
        until(lambda: not processes_with(str(self.data_dir)))

    def driver(self, runner: str) -> Driver:
        """Who drives a runner, as the books have it."""
        engine = create_engine(self.environment["RUNYARD_DATABASE_URL"])
        with engine.connect() as connection:
            row = connection.execute(_DRIVER, {"name": runner}).one()
        engine.dispose()
        return Driver(*row)

    def followed(self, runner: str, driver: Driver) -> Driver:
        """Who followed it, once somebody has."""
        until(lambda: self.driver(runner).epoch > driver.epoch)
        return self.driver(runner)

    def supervisors(self) -> list[Path]:
        """The directories of the supervisors of this host."""
        runners = self.data_dir / "runners"
        return [path for path in runners.iterdir() if path.is_dir()] if runners.is_dir() else []

    def _started(self, command: str, *options: str, **environment: str) -> Process:
        process = Process(self, f"{command}-{len(self.processes)}", command, *options, **environment)
        self.processes.append(process)
        process.start()
        return process


def end_supervisor(directory: Path) -> None:
    """Jobs first: who ends an installation has no more use for them."""
    if not (directory / "sock").exists():
        return
    with local_executor(directory) as executor:
        held = executor.held()
        executor.signal([AttemptSignal(ref, SignalKind.KILL) for ref in held])
        executor.acknowledge([Receipt(ref, 0, final=True) for ref in held])
        until(lambda: _left(executor))


def _left(executor: Any) -> bool:
    try:
        return bool(executor.stop_supervisor())
    except HostUnreachable:
        return True
