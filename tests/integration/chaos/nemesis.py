"""Whoever hurts the installation. Its blows are dealt from a seed; each kind comes before any comes twice."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

from tests.integration.installation import Installation, Process
from tests.integration.postgres import PostgresServer
from tests.integration.server import processes_with
from tests.integration.valkey import ValkeyServer

LEASE = 3
MOST_SUPERVISORS = 2
"""A job whose supervisor is killed three times is given up, as promised."""


class Nemesis:
    """Two servers and two workers, and everything they stand on."""

    def __init__(self, installation: Installation, postgres: PostgresServer, valkey: ValkeyServer, seed: int) -> None:
        self._installation, self._postgres, self._valkey = installation, postgres, valkey
        self._dice = random.Random(seed)  # noqa: S311 - a seed must give the same blows again
        self.servers = [installation.serve() for _ in range(2)]
        self._workers = [installation.worker("--local", "--slots", "8") for _ in range(2)]
        self.blows: dict[str, int] = {}

    def strike(self, number: int) -> None:
        """So many blows, with a moment of peace between two."""
        kinds = [self.kill_a_worker, self.kill_a_server, self.stop_a_worker, self.restart_postgres]
        kinds += [self.end_connections, self.flush_valkey, self.stop_valkey, self.kill_a_supervisor]
        while sum(self.blows.values()) < number:
            for blow in self._dice.sample(kinds, len(kinds)):
                supervisors = self.blows.get("kill_a_supervisor", 0)
                full = sum(self.blows.values()) >= number
                if not full and not (blow == self.kill_a_supervisor and supervisors >= MOST_SUPERVISORS):
                    time.sleep(self._dice.uniform(0.2, 1.5))
                    blow()
                    self.blows[blow.__name__] = self.blows.get(blow.__name__, 0) + 1

    def kill_a_worker(self) -> None:
        at = self._dice.randrange(2)
        self._workers[at].kill()
        self._workers[at] = self._installation.worker("--local", "--slots", "8")

    def kill_a_server(self) -> None:
        at = self._dice.randrange(2)
        self.servers[at].kill()
        self.servers[at] = self._installation.serve()

    def stop_a_worker(self) -> None:
        """For longer than its lease, so that the other one takes its runner over."""
        stopped = self._workers[self._dice.randrange(2)]
        stopped.send(signal.SIGSTOP)
        time.sleep(LEASE * 1.7)
        stopped.send(signal.SIGCONT)

    def restart_postgres(self) -> None:
        """An immediate stop is a crash: what was not committed is gone."""
        self._postgres.stop(signal.SIGQUIT)
        self._postgres.start()

    def end_connections(self) -> None:
        self._postgres.terminate_backends(
            self._installation.environment["RUNYARD_DATABASE_URL"].split("/")[3].split("?")[0]
        )

    def flush_valkey(self) -> None:
        with self._valkey.client() as client:
            client.flushall()

    def stop_valkey(self) -> None:
        self._valkey.stop()
        time.sleep(self._dice.uniform(0.5, 3))
        self._valkey.start()

    def kill_a_supervisor(self) -> None:
        for directory in self._installation.supervisors():
            for pid in processes_with(str(directory)):
                with suppress(FileNotFoundError, ProcessLookupError):  # it may end by itself meanwhile
                    told = Path(f"/proc/{pid}/cmdline").read_bytes()
                    if b"guard" not in told and b"entrypoints.cli" not in told:
                        os.kill(pid, signal.SIGKILL)

    def any_server(self) -> Process:
        return self._dice.choice(self.servers)
