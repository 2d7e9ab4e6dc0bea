"""`runyard up` on SQLite, and what can be done to it."""

import random
import signal
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from runyard.entrypoints.client.client import Client
from tests.integration.server import Server

from .harm import Harm
from .house import Blow
from .plan import LEASE, Plan, shared_out
from .processes import Kept, one_of
from .supervisors import Supervisors


class Embedded:
    """One server that is everything."""

    def __init__(self, server: Server) -> None:
        server.keep_address()
        server.start()
        self._server, self._kept = server, Kept(server)
        self.database_url = f"sqlite:///{server.database}"
        self._supervisors = Supervisors(lambda: [server.data_dir / "supervisor"], self._runner_of)
        self.services = frozenset[str]()
        self.blows: dict[str, Blow] = {
            "kill the server": self._kill,
            "kill the supervisor": self._supervisors.kill,
            "kill the guard": self._supervisors.kill_guard,
            "kill supervisor and guard": self._supervisors.kill_both,
            "stop the server": self._stop,
            "stop the supervisor": self._supervisors.stop,
            "restart the server": self._restart,
        }

    def wanted(self, plan: Plan) -> dict[str, int]:
        kills = {"the server": 14, "the supervisor": 3, "the guard": 2, "supervisor and guard": 1}
        return (
            shared_out(plan.kills, {f"kill {name}": share for name, share in kills.items()})
            | shared_out(plan.stops, {"stop the server": 4, "stop the supervisor": 1})
            | {"restart the server": plan.restarts}
        )

    @contextmanager
    def meanwhile(self, plan: Plan) -> Iterator[None]:
        """Nothing."""
        yield

    def client(self, dice: random.Random) -> Client:
        return self._server.client(patience=10)

    def harms(self) -> Sequence[Harm]:
        return self._supervisors.harms

    def told(self) -> Sequence[str]:
        return []

    def _kill(self, dice: random.Random) -> None:
        with one_of([self._kept], dice):
            self._kept.kill()
            time.sleep(dice.uniform(0, 1))  # how long it is away
            self._kept.again()

    def _stop(self, dice: random.Random) -> None:
        """For longer than any lease; nobody else may take over."""
        with one_of([self._kept], dice):
            self._server.send(signal.SIGSTOP)
            time.sleep(LEASE * 1.7)  # the fault itself: stopped beyond its lease
            self._server.send(signal.SIGCONT)

    def _restart(self, dice: random.Random) -> None:
        """In good order: what runs goes on."""
        with one_of([self._kept], dice):
            code = self._server.stop()
            time.sleep(dice.uniform(0, 1))  # how long it is away
            self._kept.again()
        assert code == 0, f"it was asked to stop, and left with {code}"

    def _runner_of(self, _: Path) -> str:
        with closing(sqlite3.connect(self._server.database, timeout=30)) as connection:
            return str(connection.execute("select id from runner").fetchone()[0])
