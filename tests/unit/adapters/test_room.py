"""How much room there is on a real file system."""

import os
import sqlite3
from pathlib import Path

import psycopg.errors
import pytest
from sqlalchemy.exc import OperationalError

from runyard.adapters.sql.engine import driver_errors_named
from runyard.adapters.system.room import FreeSpace
from runyard.application.ports.room import StorageFull
from runyard.application.ports.work import StoreUnavailable

MORE_THAN_ANY_DISK = 1 << 60


def test_enough_room_is_enough(tmp_path: Path):
    FreeSpace(tmp_path, least_bytes=0, least_inodes=0).require()
    FreeSpace(tmp_path, least_bytes=1, least_inodes=1).require()


def test_too_few_bytes_are_told_with_what_to_do(tmp_path: Path):
    with pytest.raises(StorageFull, match=r"MiB left.*RUNYARD_MIN_FREE_BYTES.*free some space") as told:
        FreeSpace(tmp_path, least_bytes=MORE_THAN_ANY_DISK, least_inodes=0).require()
    assert str(tmp_path) in str(told.value)


def test_too_few_inodes_are_told_too(tmp_path: Path):
    if not os.statvfs(tmp_path).f_files:
        pytest.skip("this file system does not count inodes")
    with pytest.raises(StorageFull, match="RUNYARD_MIN_FREE_INODES"):
        FreeSpace(tmp_path, least_bytes=0, least_inodes=MORE_THAN_ANY_DISK).require()


def test_what_cannot_be_asked_is_not_refused(tmp_path: Path):
    FreeSpace(tmp_path / "missing", least_bytes=MORE_THAN_ANY_DISK, least_inodes=0).require()


def test_a_database_without_room_says_so_and_one_that_is_gone_says_something_else():
    with pytest.raises(StorageFull, match="no room left"), driver_errors_named():
        raise OperationalError("insert", {}, psycopg.errors.DiskFull("could not extend file"))
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    with pytest.raises(StorageFull, match="no room left"), driver_errors_named():
        raise OperationalError("insert", {}, full)
    with pytest.raises(StoreUnavailable) as gone, driver_errors_named():
        raise OperationalError("insert", {}, psycopg.errors.AdminShutdown("bye"))
    assert not isinstance(gone.value, StorageFull)
