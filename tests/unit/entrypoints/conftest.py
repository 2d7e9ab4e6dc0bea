"""A server that speaks the contract, and an account that knows of none."""

import pytest

from .yard_server import YardServer


@pytest.fixture(autouse=True)
def account(tmp_path, monkeypatch):
    """An account of its own: nothing of the one that runs the tests is read or written."""
    ours = (
        "RUNYARD_URL",
        "RUNYARD_TOKEN",
        "RUNYARD_TOKEN_FILE",
        "RUNYARD_CA_FILE",
        "RUNYARD_PROJECT",
        "RUNYARD_JOB_ID",
    )
    for name in (*ours, "XDG_RUNTIME_DIR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return state


@pytest.fixture
def server():
    yard = YardServer()
    yard.start()
    yield yard
    yard.kill()
