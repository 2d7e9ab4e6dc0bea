"""What is killed, stopped, emptied or cut costs time, and nothing else."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from runyard.entrypoints.client.client import Client
from tests.integration.installation import Installation, Process
from tests.integration.postgres import PostgresServer
from tests.integration.server import until
from tests.integration.valkey import ValkeyServer
from tests.integration.wellness import assert_database_is_well

from .load import SCRIPT, Load, assert_all_ran_once, assert_written_whole

pytestmark = pytest.mark.servers

LEASE = 3.0
TAKEOVERS = 3


def epoch_of(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        epoch = int(connection.execute(text("select driver_epoch from runner")).scalar_one())
    engine.dispose()
    return epoch


def seconds_until_adopted(url: str, epoch: int) -> float:
    begun = time.monotonic()
    until(lambda: epoch_of(url) > epoch, seconds=LEASE + 15)
    return time.monotonic() - begun


def until_running(client: Client, jobs: list[str]) -> None:
    until(lambda: all(client.get(job).state == "running" for job in jobs))


def until_more(load: Load) -> None:
    accepted = len(load.accepted)
    until(lambda: len(load.accepted) > accepted + 2, seconds=30)


def standing_by(one: Process, two: Process) -> tuple[Process, Process]:
    """Who drives, and who stands by."""
    until(lambda: "standing by" in one.errors() or "standing by" in two.errors())
    return (two, one) if "standing by" in one.errors() else (one, two)


def test_f3_a_killed_worker_is_followed_within_lease_and_two_seconds_and_nothing_is_restarted(
    installation: Installation, postgres_url: str, record_property: Callable[[str, object], None]
) -> None:
    server, other = installation.serve(), installation.serve()
    drives, waits = standing_by(installation.worker("--local", "--slots", "8"), installation.worker("--local"))
    took = []
    with server.client() as client, other.client() as follower:
        for _ in range(TAKEOVERS):
            jobs = [client.submit(SCRIPT).id for _ in range(3)]
            until_running(client, jobs)
            before = epoch_of(postgres_url)
            drives.kill()
            took.append(round(seconds_until_adopted(postgres_url, before), 2))

            for job in jobs:
                assert_written_whole(follower, job)
            drives, waits = waits, installation.worker("--local")

    record_property("seconds until adopted", took)
    print(f"adopted after {took} s, lease {LEASE} s")
    assert max(took) < LEASE + 2


def test_f6_a_worker_stopped_beyond_its_lease_changes_nothing_when_it_comes_back(
    installation: Installation, postgres_url: str
) -> None:
    server = installation.serve()
    drives, _ = standing_by(installation.worker("--local", "--slots", "8"), installation.worker("--local"))
    with server.client() as client:
        jobs = [client.submit(f"{SCRIPT}; sleep 4").id for _ in range(3)]
        until_running(client, jobs)
        before = epoch_of(postgres_url)
        drives.send(signal.SIGSTOP)
        seconds_until_adopted(postgres_url, before)
        taken_over = epoch_of(postgres_url)

        time.sleep(2 * LEASE)
        drives.send(signal.SIGCONT)
        until(lambda: "standing by" in drives.errors())

        for job in jobs:
            assert_written_whole(client, job)
        assert epoch_of(postgres_url) == taken_over
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
        assert client.wait(job, timeout=20).state == "succeeded"
        took = time.monotonic() - begun
        time.sleep(2)
        load.end()

        assert took < 4
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
            long = [client.submit(f"{SCRIPT}; sleep 3").id for _ in range(3)]
            for _ in range(2):
                own_postgres.stop(signal.SIGQUIT)
                time.sleep(1)
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
    installation: Installation, postgres_server: PostgresServer, postgres_url: str
) -> None:
    server = installation.serve()
    installation.worker("--local", "--slots", "8")
    database = make_url(postgres_url).database or ""
    ended = 0
    with server.client() as client, Load(server) as load:
        long = [client.submit(f"{SCRIPT}; sleep 3").id for _ in range(3)]
        for _ in range(12):
            time.sleep(0.35)
            ended += postgres_server.terminate_backends(database)
        load.end()

        for job in long:
            assert_written_whole(client, job)
        assert_all_ran_once(client, load.accepted)
    assert ended > 12


def test_f12_workers_and_servers_restarted_one_after_another_restart_no_job(installation: Installation) -> None:
    servers = [installation.serve() for _ in range(2)]
    workers = [installation.worker("--local", "--slots", "8") for _ in range(2)]
    with servers[1].client() as client:
        jobs = [client.submit(f"{SCRIPT}; sleep 6").id for _ in range(3)]
        until_running(client, jobs)
    codes = [servers[0].end(), workers[0].end()]
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
        time.sleep(1.5)

        begun = time.monotonic()
        assert (worker.end(), server.end()) == (0, 0)
        assert time.monotonic() - begun < 15
    finally:
        own_postgres.start()
        installation.close()
