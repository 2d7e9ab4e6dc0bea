"""What the pages for people name is there."""

import re
import shlex
from pathlib import Path

import pytest

from runyard.entrypoints.cli.program import app

ROOT = Path(__file__).parents[3]
PAGES = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/security.md", "docs/agents.md"]


def text(page: str) -> str:
    return (ROOT / page).read_text()


@pytest.mark.parametrize("page", PAGES)
def test_every_path_it_names_exists(page: str) -> None:
    said = text(page)
    named = re.findall(r"`((?:src|tests|docs|benchmarks|domain|examples)/[\w./-]+)`", said)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", said)

    places = [(ROOT, ROOT / "src")] * len(named) + [((ROOT / page).parent,)] * len(linked)
    missing = [
        name
        for name, folders in zip(named + linked, places, strict=True)
        if not any((folder / name).exists() for folder in folders)
    ]

    assert named + linked
    assert missing == []


@pytest.mark.parametrize("page", ["README.md", "docs/agents.md"])
def test_every_command_of_the_page_is_understood(page: str) -> None:
    lines = re.findall(r"^\$ (runyard .*?)(?: {2,}#.*)?$", text(page), re.MULTILINE)

    assert len(lines) >= 4
    for line in lines:
        app.parse_args(shlex.split(line)[1:], exit_on_error=False, print_error=False)
