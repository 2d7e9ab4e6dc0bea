"""Servers and workers on PostgreSQL and Valkey, and what can be done to them."""

import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from threading import Event, Lock, Thread

from sqlalchemy import make_url

from runyard.entrypoints.client.client import Client
from tests.integration.installation import Installation, Process
from tests.integration.postgres import PostgresServer
from tests.integration.server import free_port, until
from tests.integration.valkey import ValkeyServer

from .harm import Harm
from .house import Blow
from .plan import LEASE, Plan, shared_out
from .processes import Kept, one_of
from .supervisors import Supervisors
from .takeovers import Takeovers, spread

_SLOTS = "16"
_BEYOND = LEASE * 1.7
_DRIVERS_FIRST = 0.8
_ADOPTED_WITHIN = 60.0


class Production:
    """Two servers, and for each runner two workers, of which one drives and the other stands by."""

    def __init__(
        self, installation: Installation, postgres: PostgresServer, valkey: ValkeyServer, runners: int
    ) -> None:
        self._installation, self._postgres, self._valkey = installation, postgres, valkey
        self.database_url = installation.environment["RUNYARD_DATABASE_URL"]
        self._servers = [Kept(installation.serve_at(free_port())) for _ in range(2)]
        self._pairs = [[self._worker(f"here-{number}") for _ in range(2)] for number in range(runners)]
        self._supervisors = Supervisors(installation.supervisors, lambda directory: directory.name)
        self._takeovers = Takeovers(self.database_url)
        self._database, self._redis = Lock(), Lock()
        self._calm_since = time.monotonic()
        self._adopted: list[float] = []
        self._adopted_in_calm: list[float] = []
        self._not_adopted = 0
        self.services = frozenset({"restart PostgreSQL", "stop Valkey"})
        self.blows: dict[str, Blow] = {
            "kill a worker": self._kill_a_worker,
            "kill a server": self._kill_a_server,
            "kill a supervisor": self._supervisors.kill,
            "kill a guard": self._supervisors.kill_guard,
            "kill supervisor and guard": self._supervisors.kill_both,
            "stop a worker": self._stop_a_worker,
            "stop a supervisor": self._supervisors.stop,
            "restart PostgreSQL": self._restart_postgres,
            "end all connections": self._end_connections,
            "flush Valkey": lambda _: self._flush(),
            "stop Valkey": self._stop_valkey,
        }

    def wanted(self, plan: Plan) -> dict[str, int]:
        kills = {"worker": 8, "server": 6, "supervisor": 3, "guard": 2}
        kinds = {f"kill a {name}": share for name, share in kills.items()} | {"kill supervisor and guard": 1}
        struck = plan.redis == "struck"
        return (
            shared_out(plan.kills, kinds)
            | shared_out(plan.stops, {"stop a worker": 4, "stop a supervisor": 1})
            | {"restart PostgreSQL": plan.restarts, "end all connections": plan.cuts}
            | ({"flush Valkey": plan.cuts, "stop Valkey": plan.restarts} if struck else {})
        )

    @contextmanager
    def meanwhile(self, plan: Plan) -> Iterator[None]:
        over = Event()
        flushing = Thread(target=lambda: self._flush_until(over))
        if plan.redis == "flushed":
            flushing.start()
        elif plan.redis == "stopped":
            self._valkey.stop()
        try:
            yield
        finally:
            over.set()
            if plan.redis == "flushed":
                flushing.join()
            self._takeovers.close()

    def client(self, dice: random.Random) -> Client:
        return dice.choice(self._servers).process.client(patience=10)

    def harms(self) -> Sequence[Harm]:
        return self._supervisors.harms

    def told(self) -> Sequence[str]:
        return [
            f"adopted after a driver was killed or stopped: {spread(self._adopted)}; lease {LEASE:g} s",
            f"of these beside one who stood by all the while: {spread(self._adopted_in_calm)}",
            f"{self._not_adopted} stopped drivers went on themselves, as nobody stood by",
        ]

    def _worker(self, runner: str) -> Kept[Process]:
        return Kept(self._installation.worker("--local", "--name", runner, "--slots", _SLOTS))

    def _kill_a_worker(self, dice: random.Random) -> None:
        pair = dice.choice(self._pairs)
        with one_of(self._one_or_both(pair, dice), dice) as struck, self._measured(struck, pair):
            struck.kill()
            struck.again()

    def _stop_a_worker(self, dice: random.Random) -> None:
        """For longer than its lease, so that the other one takes its runner over."""
        pair = dice.choice(self._pairs)
        with one_of(self._one_or_both(pair, dice), dice) as struck, self._measured(struck, pair, patience=0):
            struck.steady_since = None
            struck.process.send(signal.SIGSTOP)
            time.sleep(_BEYOND)
            struck.process.send(signal.SIGCONT)
            struck.steady_since = time.monotonic()

    def _one_or_both(self, pair: list[Kept[Process]], dice: random.Random) -> list[Kept[Process]]:
        """Mostly the one who drives, as the other one has little to lose."""
        drives = [kept for kept in pair if self._takeovers.driven_by(kept.process.pid)]
        return drives if drives and dice.random() < _DRIVERS_FIRST else pair

    @contextmanager
    def _measured(
        self, struck: Kept[Process], pair: list[Kept[Process]], patience: float = _ADOPTED_WITHIN
    ) -> Iterator[None]:
        """If it drives: how long it takes until somebody else does, and whether anything else was struck meanwhile."""
        driven, begun = self._takeovers.driven_by(struck.process.pid), time.monotonic()
        others = [(kept, kept.steady_since) for kept in pair if kept is not struck]
        yield
        if driven is None:
            return
        if patience:
            until(lambda: self._takeovers.adopted_after(begun, driven.runner), seconds=patience)
        took = self._takeovers.adopted_after(begun, driven.runner)
        if took is None:  # it was only stopped, and went on
            self._not_adopted += 1
            return
        steady = all(since is not None and since < begun - 1 and kept.steady_since == since for kept, since in others)
        self._adopted.append(took)
        if steady and self._calm_since < begun - 1:
            self._adopted_in_calm.append(took)

    def _kill_a_server(self, dice: random.Random) -> None:
        with one_of(self._servers, dice) as struck:
            struck.kill()
            struck.again()

    def _restart_postgres(self, _: random.Random) -> None:
        """An immediate stop is a crash: what was not committed is gone."""
        with self._database:
            self._calm_since = inf
            self._postgres.stop(signal.SIGQUIT)
            self._postgres.start()
            self._calm_since = time.monotonic()

    def _end_connections(self, _: random.Random) -> None:
        with self._database:
            self._postgres.terminate_backends(make_url(self.database_url).database or "")
            self._calm_since = time.monotonic()

    def _stop_valkey(self, dice: random.Random) -> None:
        with self._redis:
            self._valkey.stop()
            time.sleep(dice.uniform(0.5, 3))
            self._valkey.start()

    def _flush(self) -> None:
        with self._redis, self._valkey.client() as client:
            client.flushall()

    def _flush_until(self, over: Event) -> None:
        while not over.wait(1.0):
            self._flush()
