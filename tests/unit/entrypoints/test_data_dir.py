import stat
from pathlib import Path

import pytest

from runyard.entrypoints.data_dir import DataDir, DataDirInUse, DataDirUnusable
from tests.contracts.stores import at_once


def test_the_first_start_makes_a_token_that_only_this_account_can_read(tmp_path: Path) -> None:
    directory = DataDir(tmp_path / "data")

    token = directory.admin_token()

    assert token.startswith("rya_")
    assert len(token) > 40
    assert stat.S_IMODE(directory.token_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700
    directory.close()


def test_the_token_stays_the_same_from_start_to_start(tmp_path: Path) -> None:
    first = DataDir(tmp_path)
    token = first.admin_token()
    first.close()

    second = DataDir(tmp_path)
    assert second.admin_token() == token
    second.close()


def test_a_second_process_is_refused_by_name_until_the_first_has_gone(tmp_path: Path) -> None:
    first = DataDir(tmp_path)
    with pytest.raises(DataDirInUse, match=r"another Runyard \(process \d+\) uses .*--data-dir"):
        DataDir(tmp_path)

    first.close()
    DataDir(tmp_path).close()


def test_a_token_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    directory = DataDir(tmp_path)
    directory.admin_token()
    directory.token_file.chmod(0o644)

    with pytest.raises(DataDirUnusable, match="others may read"):
        directory.admin_token()
    directory.close()


def test_an_empty_token_is_not_used(tmp_path: Path) -> None:
    directory = DataDir(tmp_path)
    directory.token_file.touch(mode=0o600)

    with pytest.raises(DataDirUnusable, match="is empty"):
        directory.admin_token()
    directory.close()


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DataDirUnusable, match="cannot use"):
        DataDir(tmp_path / "file")


def test_a_folder_that_others_share_is_not_taken_from_them(tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    tmp_path.chmod(0o755)

    with pytest.raises(DataDirUnusable, match="open to others"):
        DataDir(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_an_empty_folder_and_one_of_ours_are_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    for _ in range(2):
        tmp_path.chmod(0o755)
        DataDir(tmp_path).close()
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
        (tmp_path / "runyard.db").touch()


def test_those_who_share_keep_those_out_who_want_it_alone_and_the_other_way_round(tmp_path: Path) -> None:
    one, two = DataDir(tmp_path, shared=True), DataDir(tmp_path, shared=True)
    with pytest.raises(DataDirInUse):
        DataDir(tmp_path)
    one.close()
    two.close()

    alone = DataDir(tmp_path)
    with pytest.raises(DataDirInUse):
        DataDir(tmp_path, shared=True)
    alone.close()


def test_all_who_make_the_token_at_once_have_the_same(tmp_path: Path) -> None:
    directories = [DataDir(tmp_path, shared=True) for _ in range(8)]

    tokens = at_once(8, lambda number: directories[number].admin_token())

    assert len(set(tokens)) == 1
    for directory in directories:
        directory.close()


def test_who_only_reads_the_token_is_told_how_to_make_it(tmp_path: Path) -> None:
    directory = DataDir(tmp_path, shared=True)
    with pytest.raises(DataDirUnusable, match="runyard migrate"):
        directory.known_token()
    directory.close()
