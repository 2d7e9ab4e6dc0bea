"""Writes the tables of `docs/security.md`: `python -m tests.threats.page`. What stands above them is written by hand."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from .elsewhere import MISHAPS
from .entrance import AT_THE_ENTRANCE
from .inside import INSIDE
from .terms import Missing

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "security.md"
HEADING: Final = "## Threats"
THREATS: Final = (*AT_THE_ENTRANCE, *INSIDE)


def page() -> str:
    """The whole page: what is there above the tables, and the tables."""
    return PAGE.read_text().partition(f"{HEADING}\n")[0] + tables()


def tables() -> str:
    """From the heading on."""
    lines = [
        HEADING,
        "",
        "What a threat is met by, and the tests of it; or what is not there yet. From here on this page is written by",
        "`python -m tests.threats.page`, and a test compares the two: it fails when a test is gone, and when something is there",
        "that is called missing here.",
        "",
        "| | threat | met by | tests |",
        "|---|---|---|---|",
        *(f"| {one.name} | {one.what} | {_met(one.met, one.missing)} | {_tests(one.tests)} |" for one in THREATS),
        "",
        "## What went wrong elsewhere",
        "",
        "| class | cases | here | tests |",
        "|---|---|---|---|",
        *(f"| {one.what} | {one.cases} | {_met(one.met, one.missing)} | {_tests(one.tests)} |" for one in MISHAPS),
    ]
    return "\n".join([*lines, ""])


def missing() -> list[Missing]:
    """All that the page says is not there."""
    return [each for row in (*THREATS, *MISHAPS) for each in row.missing]


def gone() -> list[str]:
    """The tests that are named and are not there."""
    named = {test for row in (*THREATS, *MISHAPS) for test in row.tests}
    return sorted(test for test in named if test.partition("::")[2] not in _functions(test.partition("::")[0]))


@cache
def _functions(file: str) -> frozenset[str]:
    path = ROOT / "tests" / file
    if not path.is_file():
        return frozenset()
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def _met(how: str, lacking: Iterable[Missing]) -> str:
    return f"{how}{''.join(f'. *Not there:* {each.what}' for each in lacking)}"


def _tests(named: Iterable[str]) -> str:
    return "<br>".join(_linked(*test.split("::")) for test in named)


def _linked(file: str, name: str) -> str:
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/{file})"


if __name__ == "__main__":
    PAGE.write_text(page())
