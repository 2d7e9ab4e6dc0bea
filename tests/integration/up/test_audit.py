"""The audit trail of a real server: killed at the commit, read from the shell, from Python and over HTTP."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import runyard
from runyard.entrypoints.cli.program import main
from runyard.entrypoints.client.audit import AuditEntry
from runyard.entrypoints.client.errors import RunyardClientError
from tests.integration.server import Server


@pytest.mark.chaos
@pytest.mark.parametrize(("moment", "there"), [("before_commit", 0), ("after_commit", 1)])
def test_a_server_that_is_killed_at_a_commit_has_both_the_change_and_its_entry_or_neither(
    server: Server, moment: str, there: int
) -> None:
    server.environment["RUNYARD_FAILPOINTS"] = f"create_account.{moment}=kill"
    server.start()
    with server.client(patience=0.5) as client, pytest.raises(RunyardClientError):
        client.accounts.create("ada")
    assert _dies(server)

    del server.environment["RUNYARD_FAILPOINTS"]
    server.start()
    with server.client() as client:
        assert [account.name for account in client.accounts.list()] == ["ada"] * there
        told = [(entry.action, entry.resource) for entry in client.audit()]
    assert told == [*[("create_account", "account:ada")] * there, ("register_runner", "runner:local")]


def _dies(server: Server) -> bool:
    assert server.process is not None
    end = time.monotonic() + 60
    while server.process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    died = server.process.poll() == -9
    server.kill()
    return died


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where a few things were done."""
    server = Server(tmp_path_factory.mktemp("yard"), "--slots", "1")
    server.start()
    with server.client() as client:
        client.runners.cordon("local", note="tab\there")
        client.runners.uncordon("local")
        client.queues.pause("gpu", reason="new disk")
    yield server
    server.close()


def test_the_library_pages_and_filters_it(told: Server) -> None:
    with told.client() as client:
        everything = list(client.audit())
        actions = ["pause_queue", "uncordon_runner", "cordon_runner", "register_runner"]
        assert [entry.action for entry in everything] == actions
        assert [entry.action for entry in client.audit(limit=2)] == ["pause_queue", "uncordon_runner"]
        paused = everything[0]
        assert (paused.actor, paused.address, paused.resource) == ("admin", "127.0.0.1", "queue:gpu")
        assert paused.after["note"] == "new disk"
        assert list(client.audit(resource="runner:local", action="cordon_runner")) == [everything[2]]
        soon = datetime.now(UTC) + timedelta(hours=1)
        assert list(client.audit(since=soon)) == list(client.audit(until=soon - timedelta(hours=2))) == []
        with pytest.raises(RunyardClientError, match="outcome"):
            list(client.audit(outcome="perhaps"))


def test_the_shell_lists_it_as_json_and_as_lines(told: Server, monkeypatch, capsys) -> None:
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME", "RUNYARD_URL", "RUNYARD_TOKEN"):
        monkeypatch.setenv(name, told.environment.get(name, ""))
    assert main(["audit", "list", "--json", "--actor", "admin", "--resource", "runner"]) == 0
    views = json.loads(capsys.readouterr().out)
    assert [view["action"] for view in views] == ["uncordon_runner", "cordon_runner", "register_runner"]
    assert main(["audit", "list", "--action", "cordon_runner"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    _, _, actor, address, action, resource, project, outcome, _, before, after = line.split("\t")
    assert (actor, address, action, resource) == ("admin", "127.0.0.1", "cordon_runner", "runner:local")
    assert (project, outcome) == ("default", "done")
    assert json.loads(before) == {"availability": "open"}
    assert json.loads(after) == {"availability": "cordoned", "note": "tab\there"}
    assert main(["audit", "list", "--limit", "0"]) == 2


def test_a_yard_registers_its_runner_once_and_tells_when_its_slots_are_others(tmp_path: Path) -> None:
    for slots in (1, 1, 3):
        with runyard.embedded(tmp_path / "yard", slots=slots) as yard:
            entries = list(yard.audit())

    changed, registered = entries
    assert (registered.action, registered.actor, registered.address) == ("register_runner", "admin", "in-process")
    assert (registered.before, registered.after["slots"]) == ({}, 1)
    assert (changed.action, changed.before, changed.after) == ("register_runner", {"slots": 1}, {"slots": 3})


def test_a_yard_in_this_process_tells_the_same(tmp_path: Path) -> None:
    with runyard.embedded(tmp_path / "yard", slots=1) as yard:
        yard.secrets.set("KEY", "hush, not a word")
        yard.queues.pause("gpu")
        newest, oldest, registered = yard.audit()
        assert (registered.action, registered.resource) == ("register_runner", "runner:local")
        assert isinstance(newest, AuditEntry)
        assert (oldest.action, oldest.actor, oldest.address, oldest.resource) == (
            *("set_secret", "admin", "in-process", "secret:KEY"),
        )
        assert "hush" not in repr((oldest, oldest.raw))
        assert [entry.action for entry in yard.audit(resource="queue:gpu", project="default")] == ["pause_queue"]
        with pytest.raises(RunyardClientError, match="outcome"):
            list(yard.audit(outcome="perhaps"))
