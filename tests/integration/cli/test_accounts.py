"""Accounts from the shell: people are made, given roles and tokens, log in with a password, and are shut out."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runyard.entrypoints.cli import exits
from runyard.entrypoints.cli.program import main
from tests.integration.server import Server

PASSWORD = " correct horse battery "
"""Blanks are part of it."""
Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """`runyard ARGS...` of the server's own account, or of a `home` that knows only where the server is."""

    def call(*argv: str, said: str = "", home: Path | None = None, token: str = "") -> tuple[int, str, str]:
        for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME"):
            monkeypatch.setenv(name, server.environment[name] if home is None else str(home))
        monkeypatch.setenv("XDG_CONFIG_HOME", "")
        monkeypatch.setenv("RUNYARD_URL", "" if home is None else server.address["url"])
        monkeypatch.setenv("RUNYARD_TOKEN", token)
        monkeypatch.setenv("RUNYARD_TOKEN_FILE", "")
        monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        capsys.readouterr()
        code = main(argv)
        return (code, *capsys.readouterr())

    return call


def test_a_person_logs_in_with_a_password_works_changes_it_and_is_shut_out(shell: Shell, tmp_path: Path) -> None:
    made = shell("user", "create", "ada", "--email", "ada@example.org", "--password", "--json", said=f"{PASSWORD}\n")
    assert (made[0], json.loads(made[1])["kind"]) == (exits.OK, "user")
    assert shell("project", "create", "lab")[0] == exits.OK
    assert shell("project", "grant", "lab", "ada", "submitter")[0] == exits.OK
    assert shell("project", "members", "lab")[1] == "ada\tsubmitter\n"

    code, _, told = shell("login", "--name", "ada", said="not this one, no\n", home=tmp_path)
    assert (code, "no account of this name with this password" in told) == (exits.NOT_ALLOWED, True)
    assert shell("login", "--name", "ada", said=f"{PASSWORD}\n", home=tmp_path)[0] == exits.OK
    assert shell("whoami", home=tmp_path)[1] == "ada\n"
    job = json.loads(shell("submit", "--project", "lab", "--json", "--", "true", home=tmp_path)[1])
    assert (job["owner"], job["project"]) == ("ada", "lab")
    code, _, told = shell("audit", "list", home=tmp_path)
    assert (code, "see_audit" in told) == (exits.NOT_ALLOWED, True)
    assert "opens nothing any more" in shell("logout", home=tmp_path)[2]
    assert shell("token", "list", "--account", "ada")[1].endswith("\trevoked\n")
    assert "there was no login" in shell("logout", home=tmp_path)[2]
    assert shell("login", "--name", "ada", said=f"{PASSWORD}\n", home=tmp_path)[0] == exits.OK

    assert (
        shell("user", "password", "ada", said="a newer one, longer\nwrong old one\n", home=tmp_path)[0] == exits.USAGE
    )
    assert shell("user", "password", "ada", said=f"a newer one, longer\n{PASSWORD}\n", home=tmp_path)[0] == exits.OK
    assert shell("user", "disable", "ada")[0] == exits.OK
    again = shell("login", "--name", "ada", said="a newer one, longer\n", home=tmp_path)
    assert again[0] == exits.NOT_ALLOWED
    row = next(line for line in shell("user", "list")[1].splitlines() if line.startswith("ada\t"))
    assert row == "ada\tuser\tdisabled\tlab=submitter\tada@example.org"
    assert shell("user", "enable", "ada")[0] == exits.OK
    assert shell("project", "revoke", "lab", "ada")[0] == exits.OK
    assert shell("project", "members", "lab")[1] == ""


def test_a_programs_token_is_shown_once_narrowed_rotated_and_revoked(shell: Shell, tmp_path: Path) -> None:
    assert shell("user", "create", "robot", "--kind", "service", "--quiet")[1] == "robot\n"
    assert shell("project", "grant", "default", "robot", "operator")[0] == exits.OK
    asked = ("--account", "robot", "--name", "ci", "--scope", "see", "--expires-in", "7d", "--json")
    first = json.loads(shell("token", "create", *asked)[1])
    assert (first["account"], first["scopes"]) == ("robot", ["see"])
    assert shell("ps", home=tmp_path, token=first["text"])[0] == exits.OK
    code, _, told = shell("submit", "--", "true", home=tmp_path, token=first["text"])
    assert (code, "scopes of the token are see" in told) == (exits.NOT_ALLOWED, True)

    second = json.loads(shell("token", "rotate", first["id"], "--grace", "5m", "--json")[1])
    assert shell("whoami", home=tmp_path, token=second["text"])[1] == "robot\n"
    assert shell("whoami", home=tmp_path, token=first["text"])[1] == "robot\n"
    listed = shell("token", "list", "--account", "robot")[1]
    assert [each["id"] in listed for each in (first, second)] == [True, True]
    assert first["text"] not in listed
    assert shell("token", "revoke", second["id"])[0] == exits.OK
    told = shell("audit", "list", "--resource", "token:ci", "--json")[1]
    assert [entry["action"] for entry in json.loads(told)] == ["revoke_token", "rotate_token", "create_token"]
    assert not any(each["text"] in told for each in (first, second))


def test_what_cannot_be_is_said_with_a_reason(shell: Shell) -> None:
    assert shell("user", "create", "Not A Name")[0] == exits.USAGE
    assert shell("user", "create", "shorty", "--password", said="short\n")[0] == exits.USAGE
    assert shell("user", "create", "silent", "--password", said="")[0] == exits.USAGE
    assert shell("user", "create", "twice")[0] == exits.OK
    assert shell("user", "create", "twice")[0] == exits.CONFLICT
    assert shell("project", "grant", "default", "nobody-here", "viewer")[0] == exits.NOT_FOUND
    assert shell("project", "grant", "default", "twice", "emperor")[0] == exits.USAGE
    assert shell("token", "revoke", "n" * 16)[0] == exits.NOT_FOUND
