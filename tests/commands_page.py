"""Writes `docs/commands.md` from the commands themselves: `python -m tests.commands_page`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from cyclopts import App

from runyard.entrypoints.cli import exits
from runyard.entrypoints.cli.program import app

PAGE: Final = Path(__file__).parents[1] / "docs" / "commands.md"
EVERYWHERE: Final = ("Output", "Server")
"""Groups of options that stand once, above all commands that take them."""

OF_CLIENTS: Final = {
    "RUNYARD_URL": "the server, where `--url` names none; else the one that this account runs, else the only one "
    "logged in to",
    "RUNYARD_TOKEN": "the token, where `--token-file` names none; else that of the file below, of a login, or of the "
    "server that this account runs",
    "RUNYARD_TOKEN_FILE": "a file with the token",
    "RUNYARD_CA_FILE": "authorities that vouch for the server, PEM; else those of this machine",
    "RUNYARD_PROJECT": "the project that submitted jobs, secrets and queues are of, where none is said",
    "RUNYARD_REGISTRATION_TOKEN": "what `runyard agent register` registers with, where `--token-file` names none",
    "RUNYARD_AGENT_DIR": "the folder of this machine's agent; its settings have [variables of their own]"
    "(agents.md#settings)",
    "XDG_STATE_HOME": "below it is the data of `runyard up`, and what commands remember (`@last`); else "
    "`~/.local/state`",
    "XDG_CONFIG_HOME": "below it are logins; else `~/.config`",
    "NO_COLOR": "no colours",
}
OF_JOBS: Final = {
    "RUNYARD_JOB_ID": "the id of the job",
    "RUNYARD_ATTEMPT": "which attempt of it this is, from 1",
    "RUNYARD_REPORT": "a file: each JSON line appended to it is progress or a result, "
    '`{"percent": 40, "message": "…"}`, `{"result": …}`',
    "RUNYARD_MARK": "how its processes are found again where nothing stronger contains them; leave it as it is",
    "RUNYARD_URL, RUNYARD_TOKEN, RUNYARD_PROJECT": "for jobs that [may call](security.md#tokens-of-attempts), and no "
    "others",
}


def commands(of: App, *words: str) -> Iterator[tuple[str, ...]]:
    """Each that does something, by the words that call it."""
    names = [name for name in of if not name.startswith("-")]
    if not names:
        yield words
    for name in names:
        yield from commands(of[name], *words, name)


def page() -> str:
    """All of it."""
    lines = [
        "# Commands",
        "",
        "What `runyard COMMAND --help` says, of all commands, written by `python -m tests.commands_page`. Data goes to",
        "standard output, all else to standard error; on a terminal data are tables, piped they are lines of cells",
        "between tabs, and `--json` gives one stable document. Times are seconds, or `500ms`, `5m`, `1h30m`, `2d`.",
        "A job is named by its id, the beginning or the end of one, or `@last`.",
        "",
        "## Exit codes",
        "",
        *(exits.__doc__ or "").partition("\n\n")[2].strip().splitlines(),
        "",
        "## Variables",
        "",
        "What commands and the library go by; `runyard.connect(…)` takes the same as arguments. Those of servers are",
        "told in [HTTP](http.md), [production](production.md), [watching over it](watching.md) and",
        "`deploy/runyard.env.example`.",
        "",
        *_table(("variable", "says"), ((f"`{name}`", told) for name, told in OF_CLIENTS.items())),
        "",
        "What every process of a job finds in its environment:",
        "",
        *_table(("variable", "is"), ((f"`{name.replace(', ', '`, `')}`", told) for name, told in OF_JOBS.items())),
        "",
        "## Options that many commands take",
        "",
        *_table(("option", "says"), _options(("ps",), EVERYWHERE)),
    ]
    for words in commands(app):
        lines += ["", *_command(words)]
    return "\n".join([*lines, ""])


def _command(words: tuple[str, ...]) -> Iterator[str]:
    named = [argument for argument in _arguments(words) if argument.names[0].isupper()]
    usage = " ".join(["runyard", *words, *(_positional(words, argument) for argument in named)])
    yield f"## `{usage}`"
    yield ""
    _, command, _ = app.parse_commands(words)
    yield from command[-1].help.splitlines()
    common = sorted({group.name for each in _arguments(words) for group in each.parameter.group} & {*EVERYWHERE})
    rows = [*_options(words, ("Parameters",))]
    if rows:
        yield ""
        yield from _table(("option", "says"), rows)
    if common:
        yield ""
        yield f"And those of {' and '.join(name.lower() for name in common)}."


def _positional(words: tuple[str, ...], argument: Any) -> str:
    dots = "…" if "VAR" in str(argument.field_info.kind) else ""
    name = f"-- {argument.names[0]}" if words in (("run",), ("submit",)) else argument.names[0]
    return f"{name}{dots}" if argument.required else f"[{name}{dots}]"


def _options(words: tuple[str, ...], groups: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for argument in _arguments(words):
        if argument.names[0].startswith("--") and argument.parameter.group[0].name in groups:
            value = argument.parameter.metavar or ("" if argument.hint is bool else _kind(argument.hint))
            yield ", ".join(f"`{name}`" for name in argument.names) + (f" {value}" if value else ""), _told(argument)


def _arguments(words: tuple[str, ...]) -> list[Any]:
    _, command, _ = app.parse_commands(words)
    return [*command[-1].assemble_argument_collection()]


def _told(argument: Any) -> str:
    choices = [choice for choice in _choices(argument.hint) if isinstance(choice, str)]
    listed = ", ".join(f"`{choice}`" for choice in choices)
    return f"{argument.parameter.help or ''}{' Of: ' if choices else ''}{listed}".strip()


def _choices(hint: Any) -> Iterator[Any]:
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    else:
        for part in get_args(hint):
            yield from _choices(part)


def _kind(hint: Any) -> str:
    named = str(hint)
    if "Literal" in named:
        return ""
    return "N" if "int" in named or "float" in named else "PATH" if "Path" in named else "TEXT"


def _table(heads: tuple[str, str], rows: Any) -> Iterator[str]:
    yield f"| {heads[0]} | {heads[1]} |"
    yield "|---|---|"
    for first, second in rows:
        yield f"| {first.replace('|', chr(92) + '|')} | {second.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    PAGE.write_text(page())
