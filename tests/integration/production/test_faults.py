"""What is killed, stopped, emptied or cut costs time, and nothing else."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from runyard.entrypoints.client.client import Client
from tests.integration.installation import Installation, Process
from tests.integration.postgres import PostgresServer
from tests.integration.server import until
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well

from .load import Load, assert_all_ran_once, assert_written_whole, going_on_at

pytestmark = pytest.mark.servers

LEASE = 3.0
TAKEOVERS = 3


def until_running(client: Client, jobs: list[str]) -> None:
    until(lambda: all(client.get(job).state == "running" for job in jobs))


def until_more(load: Load) -> None:
    accepted = len(load.accepted)
    until(lambda: len(load.accepted) > accepted + 2)


def standing_by(one: Process, two: Process) -> tuple[Process, Process]:
    """Who drives, and who stands by."""
    until(lambda: "standing by" in one.errors() or "standing by" in two.errors())
    return (two, one) if "standing by" in one.errors() else (one, two)


def test_f3_a_killed_worker_is_followed_within_lease_and_two_seconds_and_nothing_is_restarted(
    installation: Installation, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    server, other = installation.serve(), installation.serve()
    drives, waits = standing_by(installation.worker("--local", "--slots", "8"), installation.worker("--local"))
    late = []
    with server.client() as client, other.client() as follower:
        for number in range(TAKEOVERS):
            go = tmp_path / f"go-{number}"
            jobs = [client.submit(going_on_at(go)).id for _ in range(3)]
            until_running(client, jobs)
            drives.kill()
            go.touch()
            killed = installation.driver("here")
            late.append(round(killed.followed_late(installation.followed("here", killed)), 2))

            for job in jobs:
                assert_written_whole(follower, job)
            drives, waits = waits, installation.worker("--local")

    record_property("seconds from the end of the lease until adopted", late)
    print(f"adopted {late} s after the end of a lease of {LEASE} s")
    assert 0 <= max(late) < 2


def test_f6_a_worker_stopped_beyond_its_lease_changes_nothing_when_it_comes_back(
    installation: Installation, tmp_path: Path
) -> None:
    server, go = installation.serve(), tmp_path / "go"
    drives, _ = standing_by(installation.worker("--local", "--slots", "8"), installation.worker("--local"))
    with server.client() as client:
        jobs = [client.submit(going_on_at(go)).id for _ in range(3)]
        until_running(client, jobs)
        drives.send(signal.SIGSTOP)
        taken_over = installation.followed("here", installation.driver("here")).epoch
        go.touch()

        time.sleep(2 * LEASE)  # the fault itself: so long it stands still
        drives.send(signal.SIGCONT)
        until(lambda: "standing by" in drives.errors())

        for job in jobs:
            assert_written_whole(client, job)
        assert installation.driver("here").epoch == taken_over
        assert_all_ran_once(client, [client.submit(["true"]).id])


@pytest.mark.parametrize("fault", ["f33 flushed", "f34 stopped", "f35 restarted empty", "f36 frozen"])
def test_f33_f34_f35_f36_whatever_becomes_of_valkey_costs_a_moment_only(
    installation: Installation, valkey: ValkeyServer, fault: str
) -> None:
    server = installation.serve()
    installation.worker("--local", "--slots", "8")
    with server.client() as client, Load(server) as load:
        until(lambda: len(load.accepted) > 3)
        if fault == "f33 flushed":
            with valkey.client() as redis:
                redis.flushall()
        elif fault == "f36 frozen":
            valkey.freeze()
        else:
            valkey.stop()
        if fault == "f35 restarted empty":
            valkey.start()
        begun = time.monotonic()
        job = client.submit(["true"])
        assert client.wait(job, timeout=60).state == "succeeded"
        took = time.monotonic() - begun
        time.sleep(2)  # so long others submit while it is away
        load.end()

        assert took < 10
        assert load.refused == 0
        assert_all_ran_once(client, load.accepted)


def test_f37_old_and_forged_errands_are_harmless(installation: Installation, valkey: ValkeyServer) -> None:
    server = installation.serve()
    installation.worker("--local", "--slots", "8")
    with server.client() as client, valkey.client() as redis:
        for _ in range(50):
            redis.publish("runyard:0:rings", '{"from": "nobody", "topics": ["ready", "job:x"]}')
        redis.rpush("runyard:control", "forged", "forged")
        redis.hset("runyard:control.msgs", "forged", "junk")

        assert_all_ran_once(client, [client.submit(["true"]).id for _ in range(5)])


def test_f16_postgresql_stopped_at_once_and_started_again_loses_nothing(
    tmp_path: Path, own_postgres: PostgresServer, valkey: ValkeyServer
) -> None:
    url = own_postgres.url(own_postgres.create())
    installation = Installation(tmp_path, url, valkey.url, RUNYARD_DRIVER_LEASE="3")
    installation.migrate()
    try:
        server, other = installation.serve(), installation.serve()
        drives, waits = installation.worker("--local", "--slots", "8"), installation.worker("--local")
        with other.client() as client, Load(server, pause=0.2) as load:
            until(lambda: len(load.accepted) > 3)
            long = [client.submit(going_on_at(tmp_path / "go")).id for _ in range(3)]
            until_running(client, long)
            for _ in range(2):
                own_postgres.stop(signal.SIGQUIT)
                (tmp_path / "go").touch()
                time.sleep(1)  # the fault itself: how long it is away
                own_postgres.start()
                until_more(load)
            load.end()

            for job in long:
                assert_written_whole(client, job)
            assert_all_ran_once(client, load.accepted)
        assert all(process.runs for process in (server, other, drives, waits))
    finally:
        installation.close()
    assert_database_is_well(url)


def test_f19_connections_ended_by_the_server_at_random_lose_nothing(
    installation: Installation, postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    server = installation.serve()
    installation.worker("--local", "--slots", "8")
    database = make_url(postgres_url).database or ""
    ended = 0
    with server.client() as client, Load(server) as load:
        long = [client.submit(going_on_at(tmp_path / "go")).id for _ in range(3)]
        blows = 0
        while blows < 12 or ended <= 12:
            time.sleep(0.35)  # some have come again meanwhile: how many, chance says
            ended += postgres_server.terminate_backends(database)
            blows += 1
            (tmp_path / "go").touch()
        load.end()

        for job in long:
            assert_written_whole(client, job)
        assert_all_ran_once(client, load.accepted)


def test_f12_workers_and_servers_restarted_one_after_another_restart_no_job(
    installation: Installation, tmp_path: Path
) -> None:
    servers = [installation.serve() for _ in range(2)]
    workers = [installation.worker("--local", "--slots", "8") for _ in range(2)]
    with servers[1].client() as client:
        jobs = [client.submit(going_on_at(tmp_path / "go")).id for _ in range(3)]
        until_running(client, jobs)
    codes = [servers[0].end(), workers[0].end()]
    (tmp_path / "go").touch()
    servers[0].start()
    workers[0].start()
    codes += [servers[1].end(), workers[1].end()]

    with servers[0].client() as client:
        for job in jobs:
            assert_written_whole(client, job)
    assert codes == [0, 0, 0, 0]


def test_term_is_obeyed_while_the_database_is_away(
    tmp_path: Path, own_postgres: PostgresServer, valkey: ValkeyServer
) -> None:
    url = own_postgres.url(own_postgres.create())
    installation = Installation(tmp_path, url, valkey.url)
    installation.migrate()
    try:
        server, worker = installation.serve(), installation.worker("--local")
        own_postgres.stop(signal.SIGQUIT)
        time.sleep(1.5)  # until everybody has found out, which nothing tells

        begun = time.monotonic()
        assert (worker.end(), server.end()) == (0, 0)
        assert time.monotonic() - begun < 30
    finally:
        own_postgres.start()
        installation.close()
