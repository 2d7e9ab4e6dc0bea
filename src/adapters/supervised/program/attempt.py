"""One attempt on the host: what it was asked, what it wrote, what became of it."""

from __future__ import annotations

import os
import time
from typing import Any

from . import secret_files
from .ladder import Ladder
from .masking import Masking, Masks
from .orders import Order, name_of
from .records import STDERR, STDOUT, SYSTEM
from .report import Report
from .spawn import Spawned, report_path
from .spool import MEMORY, Spool

ACCEPTED, RUNNING, CLOSING, RECORDED, VOID, BROKEN = "accepted", "running", "closing", "recorded", "void", "broken"


class Attempt:
    """Its state only moves on: accepted, running, closing, recorded; or void; or broken."""

    def __init__(self, directory: str, key: str) -> None:
        self.key = key
        self.name = name_of(key)
        self.state = ACCEPTED
        self.order: Order | None = None
        self.ladder = Ladder(None, 0.0)
        self.spool = Spool(directory, self.name)
        self.report = Report(report_path(directory, self.name))
        self.said: dict[str, Any] = {}  # the newest report, as a frame has it
        self.level: str | None = None  # the containment, if the process ever ran
        self.pid = 0
        self.pipes: dict[int, int] = {}  # descriptor to stream
        self.blocked = False
        self.wishes: list[str] = []  # before there was a process
        self.obeyed = 0  # the number of the last pause or resume
        self.exited: tuple[int, Any] | None = None  # status and rusage
        self.failure: tuple[str, int | None] | None = None
        self.tree: bool | None = False  # False: not known yet, else as in the outcome
        self.outcome: dict[str, Any] = {}  # or why it is broken
        self.masks: Masks | None = None
        self.drop = False  # it is forgotten as soon as it is recorded
        self._dropped = 0
        self._maskings: dict[int, Masking] = {}
        self._secret_files: tuple[str, ...] | None = None  # those of a job that has secrets
        self._directory = directory

    @property
    def alive(self) -> bool:
        """Whether the host still has work with it."""
        return self.state in (ACCEPTED, RUNNING, CLOSING)

    @property
    def settled(self) -> bool:
        """Whether what became of it will never change."""
        return not self.alive

    @property
    def over_limit(self) -> bool:
        """Whether it wrote more than it may keep."""
        return self._dropped > 0

    def ordered(self, order: Order) -> None:
        """This is what is to run."""
        self.order = order
        self.ladder = Ladder(order.run_timeout, order.grace, order.total_timeout, order.deadman)
        self.ladder.heard(order.stamp, order.stamp)
        values = [*order.spec["secrets"].values(), *order.spec["secret_files"].values()]
        if values:
            self._secret_files = tuple(order.spec["secret_files"])
            self.masks = Masks(values)
            self._maskings = {stream: Masking(self.masks) for stream in (STDOUT, STDERR)}

    def spawned(self, process: Spawned, level: str) -> None:
        """It runs."""
        self.state, self.pid, self.level = RUNNING, process.pid, level
        self.report = Report(process.report)
        self.report.masks = self.masks
        self.pipes = {process.stdout: STDOUT, process.stderr: STDERR}

    def take(self, descriptor: int) -> int:
        """Read once from a pipe and keep it; how many bytes came, -1 at the end of the pipe."""
        try:
            data = os.read(descriptor, MEMORY)
        except BlockingIOError:
            return 0
        except OSError:
            return -1
        if not data:
            return -1
        stream = self.pipes[descriptor]
        if self._maskings:
            self._keep_long(stream, self._maskings[stream].feed(data))
        else:
            self._keep(stream, data)
        return len(data)

    def drain(self) -> None:
        """Take what is left in the pipes; a survivor that goes on writing is not waited for."""
        for descriptor in list(self.pipes):
            most = 2 << 20
            while most > 0:
                count = self.take(descriptor)
                if count <= 0:
                    break
                most -= count
            self.close(descriptor)

    def close(self, descriptor: int) -> None:
        """A pipe is of no use any more."""
        stream = self.pipes.pop(descriptor)
        os.close(descriptor)
        if self._maskings:
            self._keep_long(stream, self._maskings[stream].feed(b"", last=True))

    def conclude(self) -> None:
        """Everything is known: write the last words and the outcome."""
        if self.over_limit:
            text = "output limit of %d bytes reached, %d bytes dropped\n"
            limit = self.order.log_limit if self.order else 0
            self.spool.append(SYSTEM, _now(), (text % (limit, self._dropped)).encode("ascii"))
        self.poll_report(last=True)
        self.outcome = self._outcome()
        self.forget_secrets()

    def forget_secrets(self) -> None:
        """Nothing of it is written any more that would have to be masked, and nothing is started any more."""
        self.masks = self.report.masks = None
        self._maskings = {}
        if self._secret_files is not None:
            secret_files.remove(self._directory, self.name, self._secret_files)
        if self.order is not None:
            self.order = self.order._replace(spec={})

    def poll_report(self, last: bool = False) -> bool:
        """Read what the job says of itself; whether it said anything."""
        if not self.report.poll(last):
            return False
        self.said = self.report.body()
        return True

    def _keep_long(self, stream: int, data: bytes) -> None:
        """What was held back comes on top of what was read."""
        for at in range(0, len(data), MEMORY):
            self._keep(stream, data[at : at + MEMORY])

    def _keep(self, stream: int, data: bytes) -> None:
        room = (self.order.log_limit if self.order else 0) - self.spool.size
        if len(data) > room:
            self._dropped += len(data) - room
            data = data[:room]
        if data:
            self.spool.append(stream, _now(), data)

    def _outcome(self) -> dict[str, Any]:
        found: dict[str, Any] = {"tree_empty": self.tree, "log_size": self.spool.size}
        if self.masks is not None:
            found["masked"] = self.masks.found
        if self.failure is not None:
            message, code = self.failure
            return dict(found, ending="start_failed", message=message, exit_code=code)
        if self.exited is None:
            raise RuntimeError("nothing ended and nothing failed")
        status, usage = self.exited
        if os.WIFSIGNALED(status):
            found.update(ending="signal", signal=os.WTERMSIG(status))
        else:
            found.update(ending="exit", exit_code=os.WEXITSTATUS(status))
        if self.ladder.cause in ("timeout", "log_limit", "deadman"):
            found["ending"] = self.ladder.cause
        found["cpu_seconds"] = round(usage.ru_utime + usage.ru_stime, 6)
        found["max_rss_bytes"] = usage.ru_maxrss * 1024
        return found


def _now() -> int:
    return time.time_ns() // 1000
