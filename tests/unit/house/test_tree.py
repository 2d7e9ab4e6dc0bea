"""What must not be in the tree."""

import re
import tempfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from .tree import ROOT, files, text

MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:work|workspace|root|home|Users|mnt)/\w")
INDEX = re.compile(r"(?:pypi|pythonhosted|npmjs|anaconda|jsdelivr|unpkg)\.(?:org|com|net)")
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
SECRET_NAMES = (
    "*.env",
    ".env*",
    "*.key",
    "*.p12",
    "*.pem",
    "*.token",
    "id_*",
    ".netrc",
    ".pypirc",
    "*.sqlite*",
    "*.db",
)
REQUIREMENT = re.compile(r"[a-z0-9-]+==\S+( ; [^/:]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|# [^/:]+")
PINNED = [path for path in files("requirements") if path.suffix == ".txt"]


def containing(pattern: re.Pattern[str]) -> list[str]:
    return [f"{path}: {found[0]}" for path in files() if (found := pattern.search(text(path)))]


def test_no_file_names_a_path_of_a_machine() -> None:
    here = re.compile("|".join(re.escape(str(path)) for path in (ROOT, Path.home()) if len(path.parts) > 1) or "(?!)")

    assert containing(MACHINE_PATH) + containing(re.compile(rf"(?:{here.pattern})/\w")) == []


def test_no_file_names_a_package_index() -> None:
    assert containing(INDEX) == []


def test_no_file_is_a_secret() -> None:
    assert [str(path) for path in files() if any(fnmatch(path.name, name) for name in SECRET_NAMES)] == []
    assert containing(PRIVATE_KEY) == []


@pytest.mark.parametrize("path", PINNED, ids=str)
def test_requirements_are_names_pins_and_hashes_and_nothing_else(path: Path) -> None:
    assert [line for line in text(path).splitlines() if not REQUIREMENT.fullmatch(line)] == []


def test_every_set_of_requirements_is_pinned() -> None:
    assert {path.stem for path in PINNED} == {"assets", "base", "build", "dev", "server"}


def test_the_package_is_the_folder_src_through_a_relative_link() -> None:
    assert (ROOT / "runyard").readlink() == Path("src")


def test_the_patterns_find_what_they_are_for() -> None:
    home, index = f"/{'home'}/ada", f"{'pypi'}.org"  # in pieces, or this file would be found

    assert MACHINE_PATH.search(f"cd {home}")
    assert INDEX.search(f"https://{index}/simple")
    assert not MACHINE_PATH.search(tempfile.gettempdir() + "/x")
    assert not REQUIREMENT.fullmatch(f"--index-url https://{index}/simple")
    assert not REQUIREMENT.fullmatch(f"rich @ https://{index}/rich.whl")
