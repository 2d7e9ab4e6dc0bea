"""The client and the agent start without the packages of the server."""

import re
import subprocess
import sys
import tomllib

import pytest

from .tree import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {contract["id"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}


def modules_of(requirements: list[str]) -> set[str]:
    names = {re.split(r"[\[<>=~ ]", requirement)[0].replace("-", "_") for requirement in requirements}
    return {name.removesuffix("_cffi") for name in names}


BASE = modules_of(PYPROJECT["project"]["dependencies"])
SERVER = modules_of(PYPROJECT["project"]["optional-dependencies"]["server"])
WITHOUT_SERVER = f"""
import importlib, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {SERVER}:
            raise ModuleNotFoundError(f"{{name}} is of the server", name=name)
sys.meta_path.insert(0, Absent())
importlib.import_module(sys.argv[1])
"""


def importing(module: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", WITHOUT_SERVER, module]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "module",
    ["runyard", "runyard.entrypoints.cli", "runyard.entrypoints.client", "runyard.entrypoints.agent_at_work"],
)
def test_it_is_imported_without_the_packages_of_the_server(module: str) -> None:
    assert importing(module).stderr == ""


@pytest.mark.parametrize("module", sorted(SERVER))
def test_the_packages_of_the_server_are_really_away(module: str) -> None:
    assert f"{module} is of the server" in importing(module).stderr


def test_the_contracts_know_every_dependency() -> None:
    assert set(CONTRACTS["core"]["forbidden_modules"]) == BASE | SERVER
    assert set(CONTRACTS["client"]["forbidden_modules"]) == SERVER
