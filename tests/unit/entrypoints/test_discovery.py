"""The file by which a server says where it is."""

import os
import stat

import pytest

from runyard.entrypoints.discovery import (
    Discovery,
    discovery_path,
    read_discovery,
    remove_discovery,
    write_discovery,
)

HERE = Discovery(url="http://127.0.0.1:1", token_file="/t", data_dir="/d", pid=7)


def test_what_is_written_is_read() -> None:
    write_discovery(HERE)

    assert read_discovery() == HERE


def test_it_belongs_to_the_account_alone() -> None:
    path = write_discovery(HERE)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["server.json"]


def test_a_file_others_may_write_is_ignored() -> None:
    path = write_discovery(HERE)
    path.chmod(0o620)

    assert read_discovery() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_account_is_ignored() -> None:
    path = write_discovery(HERE)
    os.chown(path, 12345, -1)

    assert read_discovery() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": 1}', '{"url": "u", "token_file": "t", "pid": "x"}'])
def test_a_file_that_is_not_understood_is_ignored(text) -> None:
    write_discovery(HERE).write_text(text)

    assert read_discovery() is None


def test_the_runtime_folder_is_preferred_when_there_is_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert discovery_path() == tmp_path / "runyard" / "server.json"

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    assert discovery_path() == tmp_path / "state" / "runyard" / "server.json"


def test_a_server_removes_only_its_own_word() -> None:
    write_discovery(HERE)

    remove_discovery(8)
    assert read_discovery() == HERE

    remove_discovery(7)
    assert read_discovery() is None
