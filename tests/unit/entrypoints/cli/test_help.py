"""Every command says what it takes."""

import pytest

from runyard.entrypoints.cli.program import app
from tests.commands_page import commands

EVERY = sorted(commands(app))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_option_is_in_the_help_of_its_command(runyard, monkeypatch, words: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    _, command, _ = app.parse_commands(words)
    taken = command[-1].assemble_argument_collection()
    options = {argument.names[0] for argument in taken if argument.names[0].startswith("--")}

    shown = runyard(*words, "--help").out

    assert sorted(option for option in options if option not in shown) == []


def test_there_are_commands_with_switches() -> None:
    assert {("logs",), ("user", "create"), ("runner", "add", "ssh")} <= set(EVERY)
