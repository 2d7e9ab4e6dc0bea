"""The client and the agent start without the packages of the server."""

import subprocess
import sys

import pytest

SERVER_ONLY = (
    "alembic dependency_injector dramatiq litestar psycopg pydantic pydantic_settings sqlalchemy structlog uvicorn"
)
WITHOUT_SERVER = f"""
import importlib, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {SERVER_ONLY.split()}:
            raise ModuleNotFoundError(f"{{name}} is of the server", name=name)
sys.meta_path.insert(0, Absent())
importlib.import_module(sys.argv[1])
"""


def importing(module: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", WITHOUT_SERVER, module]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["runyard", "runyard.entrypoints.cli", "runyard.entrypoints.client"])
def test_it_is_imported_without_the_packages_of_the_server(module: str) -> None:
    assert importing(module).stderr == ""


@pytest.mark.parametrize("module", SERVER_ONLY.split())
def test_the_packages_of_the_server_are_really_away(module: str) -> None:
    assert f"{module} is of the server" in importing(module).stderr
