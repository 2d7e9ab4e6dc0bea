"""`import runyard`: one facade, quick to import, honest about what is not installed."""

import subprocess
import sys

import pytest

import runyard
from runyard.entrypoints.client.client import Client
from runyard.entrypoints.library import Yard

from .yard_server import TOKEN


def in_a_new_process(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_a_client_is_a_yard(server) -> None:
    yard: Yard
    with runyard.connect(server.url, token=TOKEN) as yard:
        assert isinstance(yard, Client)
        assert yard.submit(["true"]).state == "queued"


@pytest.mark.parametrize("name", runyard.__all__)
def test_everything_it_names_is_there(name) -> None:
    assert getattr(runyard, name)
    assert name in dir(runyard)


def test_what_it_does_not_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = runyard.nothing


def test_importing_it_imports_nothing_else() -> None:
    program = "import sys, runyard; print([name for name in sys.modules if name.startswith(('runyard.', 'httpx2'))])"

    assert in_a_new_process(program).stdout == "[]\n"


def test_without_the_server_an_embedded_yard_says_what_to_install() -> None:
    done = in_a_new_process("import sys; sys.modules['litestar'] = None; import runyard; runyard.embedded()")

    assert done.stderr.splitlines()[-1].startswith("ImportError: ")
    assert "install runyard[server]" in done.stderr


def test_without_the_server_up_says_what_to_install() -> None:
    done = in_a_new_process(
        "import sys; sys.modules['litestar'] = None\n"
        "from runyard.entrypoints.cli import main; sys.exit(main(['up']))"
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("Next: Install runyard[server].\n")
