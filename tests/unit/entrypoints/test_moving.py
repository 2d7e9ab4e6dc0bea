"""`runyard export`, `import`, `backup` and `restore` on stores in files, without a server."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from runyard.adapters.sql.store import open_store
from runyard.application.ports.jobs import NewJob
from runyard.domain.jobs.states import JobState
from runyard.entrypoints.cli import main
from runyard.entrypoints.data_dir import DataDir
from tests.builders import BOOT, NOON, a_job, a_runner, a_spec, an_attempt
from tests.contracts.stores import Store, store_all
from tests.contracts.worlds import contents

Run = Callable[..., int]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a store that holds a queued and a running job."""
    folder = tmp_path / "data"
    DataDir(folder).close()
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder / 'runyard.db'}")
    store.migrate()
    runner, spec = a_runner(name="local"), a_spec(env={"A": "b"})
    with store.begin() as work:
        work.runners.add(runner)
        work.commit()
    running = a_job(state=JobState.RUNNING, attempt=an_attempt(runner_id=runner.id, armed_at=NOON, boot_id=BOOT))
    store_all(store, [NewJob(a_job(spec), spec), NewJob(running, a_spec())])
    store.close()


def held(folder: Path) -> object:
    store: Store = open_store(f"sqlite:///{folder / 'runyard.db'}")
    return contents(store)


def told(folder: Path) -> list[tuple[str, str | None, str]]:
    """What the audit trail says, oldest first."""
    store = open_store(f"sqlite:///{folder / 'runyard.db'}")
    with store.read() as reading:
        trail = [(each.action, each.doer.name, each.address) for each in reading.audit.oldest(after=0, limit=9)]
    store.close()
    return trail


@pytest.fixture
def said(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.delenv("RUNYARD_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "500")

    def call(*argv: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(each) for each in argv])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_a_store_moves_to_another_folder_whose_supervisor_is_found_there(said, data, tmp_path) -> None:
    file, new = tmp_path / "yard.gz", tmp_path / "new"
    (data / "supervisor").mkdir()
    assert said("export", file, "--data-dir", data)[:2] == (
        0,
        f"Exported to {file}: 1 runner, 1 audit record, 2 jobs\n",
    )
    (runner,) = (data / "runners").iterdir()
    assert runner.resolve() == data / "supervisor"

    code, _, err = said("import", file, "--data-dir", new)
    assert (code, "is running under the supervisor of runner 'local'" in err) == (5, True)
    (new / "supervisor").symlink_to(data / "supervisor")
    counts = '{"runner": 1, "audit_record": 1, "job": 2}\n'
    assert said("import", file, "--data-dir", new, "--json")[:2] == (0, counts)

    assert held(new) == held(data)
    assert told(data) == [("export_store", "admin", "cli")]
    assert told(new) == [*told(data), ("import_store", "admin", "cli")]
    code, _, err = said("import", file, "--data-dir", new)
    assert (code, "not empty" in err) == (5, True)


def test_an_export_again_changes_nothing(said, data, tmp_path) -> None:
    (data / "supervisor").mkdir()
    assert said("export", tmp_path / "one.gz", "--data-dir", data)[0] == 0
    assert said("export", tmp_path / "two.gz", "--data-dir", data)[0] == 0
    code, _, err = said("export", tmp_path / "one.gz", "--data-dir", data)
    assert (code, "is there already" in err) == (5, True)


def test_where_there_is_no_store_nothing_is_exported_or_backed_up(said, tmp_path) -> None:
    for command in ("export", "backup"):
        code, _, err = said(command, tmp_path / "file", "--data-dir", tmp_path / "nowhere")
        assert (code, "there is no database" in err) == (1, True)
    assert not (tmp_path / "file").exists()
    assert not (tmp_path / "nowhere").exists()


def test_a_store_of_a_newer_version_is_left_alone(said, data, tmp_path) -> None:
    assert said("export", tmp_path / "yard.gz", "--data-dir", data)[0] == 0
    with sqlite3.connect(data / "runyard.db") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()

    for argv in (("export", tmp_path / "other.gz"), ("import", tmp_path / "yard.gz")):
        code, _, err = said(*argv, "--data-dir", data)
        assert (code, "9999, which is newer" in err) == (1, True)


def test_a_restored_store_is_what_was_backed_up_under_fences_nobody_knows(said, data, tmp_path) -> None:
    file = tmp_path / "yard.backup"
    assert said("backup", file, "--data-dir", data)[0] == 0
    (data / "runyard.db").unlink()
    fill(data)
    lost = held(data)

    assert said("restore", file, "--data-dir", data)[:2] == (0, "Restored: 2 unfinished jobs, 1 runners\n")
    assert told(data) == [("mark_restored", "admin", "cli")]

    store = open_store(f"sqlite:///{data / 'runyard.db'}")
    with store.read() as reading:
        fences = [whole.job.fence for whole in reading.holdings.jobs(after=None, limit=9)]
    store.close()
    assert min(fences) >= 1 << 20
    kept = open_store(f"sqlite:///{data / 'runyard.db.replaced'}")
    assert contents(kept) == lost
    kept.close()
    assert sorted(path.name for path in data.iterdir() if "restoring" in path.name) == []


@pytest.mark.parametrize("log", [b"", b"what no database has written" * 1000])
def test_a_store_that_cannot_be_opened_any_more_is_replaced_all_the_same(said, data, tmp_path, log) -> None:
    file = tmp_path / "yard.backup"
    assert said("backup", file, "--data-dir", data)[0] == 0
    (data / "runyard.db").write_bytes(b"ruined" * 1000)
    (data / "runyard.db-wal").write_bytes(log)

    assert said("restore", file, "--data-dir", data)[0] == 0

    assert said("check-invariants", "--data-dir", data)[0] == 0
    assert (data / "runyard.db.replaced").read_bytes() == b"ruined" * 1000


@pytest.mark.parametrize("damage", ["cut", "text"])
def test_a_backup_that_is_damaged_is_refused_and_the_store_stays(said, data, tmp_path, damage) -> None:
    file, before = tmp_path / "yard.backup", held(data)
    assert said("backup", file, "--data-dir", data)[0] == 0
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"text" * 10_000)

    code, _, err = said("restore", file, "--data-dir", data)

    assert (code, bool(err)) == (1, True)
    assert held(data) == before


def test_a_restore_of_nothing_says_what_to_name(said, data, tmp_path) -> None:
    before = held(data)

    for argv, told in (((), "name the file"), ((tmp_path / "absent",), "there is no ")):
        code, _, err = said("restore", *argv, "--data-dir", data)
        assert (code, told in err) == (1, True)

    assert held(data) == before


def test_beside_a_server_nothing_is_restored_moved_or_filled(said, data, tmp_path) -> None:
    file = tmp_path / "yard.backup"
    assert said("backup", file, "--data-dir", data)[0] == 0
    server = DataDir(data)

    for command in ("restore", "export", "import"):
        code, _, err = said(command, file, "--data-dir", data)
        assert (code, "another Runyard" in err) == (5, True)
    server.close()
