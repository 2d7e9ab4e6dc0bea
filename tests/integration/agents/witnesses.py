"""Jobs that write down when they live, and what they wrote."""

import os
import shlex
import sys
from itertools import chain
from pathlib import Path

from runyard.entrypoints.client.client import Client
from runyard.entrypoints.client.jobs import Job
from tests.integration.server import until

from .box import Box

PROGRAM = str(Path(__file__).with_name("witness.py"))
ZONE = "b"
"""The label of all places where they may run."""


class Witnesses:
    """Every other one of them is stubborn."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client, self.folder = client, folder
        self.jobs: list[str] = []
        folder.mkdir()

    def start(self, count: int, **asked: object) -> None:
        """Submit so many of them, and wait until all live."""
        for number in range(count):
            manner = ["stubborn"] if number % 2 else []
            script = "exec " + shlex.join([sys.executable, "-I", "-S", PROGRAM, str(self.folder), *manner])
            where = {"placement": {"labels": {"zone": ZONE}}, "grace_period": 0.5}
            # What is asked is of any field of a job, and a plain dictionary does not say which.
            self.jobs.append(self._client.submit(script, **where, **asked).id)  # type: ignore[arg-type]
        self.live(1)

    def live(self, attempt: int, seconds: float = 60) -> None:
        """Wait until this attempt of all of them lives."""
        until(lambda: all(self.times(job, attempt) for job in self.jobs), seconds)

    def times(self, job: str, attempt: int) -> list[float]:
        """When its processes lived, in order."""
        written = [file.read_text().splitlines()[:-1] for file in self.folder.glob(f"{job}-{attempt}-*")]
        return sorted(float(line) for lines in written for line in lines)

    def apart(self) -> list[float]:
        """For each: the seconds between the last of the first attempt and the first of the second."""
        return [self.times(job, 2)[0] - self.times(job, 1)[-1] for job in self.jobs]

    def processes(self, attempt: int) -> list[int]:
        """Those of this attempt that there are, zombies left out."""
        marks = {f"RUNYARD_JOB_ID={job}".encode() for job in self.jobs}
        return [
            pid for pid, told in _environments() if marks & set(told) and f"RUNYARD_ATTEMPT={attempt}".encode() in told
        ]

    def kept(self, box: Box) -> list[Path]:
        """What a machine keeps of them."""
        found = [Path(here, name) for here, *names in os.walk(box.folder / "host") for name in chain(*names)]
        return [path for path in found if any(job in path.name for job in self.jobs)]

    def end(self) -> list[Job]:
        """Have them end; what became of each."""
        (self.folder / "enough").touch()
        return [self._client.wait(job, timeout=60) for job in self.jobs]


def _environments() -> list[tuple[int, list[bytes]]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                found.append((int(entry.name), (entry / "environ").read_bytes().split(b"\0")))
            except OSError:
                continue
    return found
