"""What the pages for people name is there."""

import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest

from runyard.entrypoints.cli.program import app

ROOT = Path(__file__).parents[3]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


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


def headings(page: Path) -> set[str]:
    """As a link names them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_every_place_it_links_to_is_a_heading_there(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", text(page))
    here = ROOT / page

    assert [link for link in links if link[1] not in headings((here.parent / link[0]) if link[0] else here)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_is_understood(page: str) -> None:
    for line in re.findall(r"^\$ (runyard .*?)(?: {2,}#.*)?$", text(page), re.MULTILINE):
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        ours = [*takewhile(lambda word: word not in ("<", ">", "|", "&", ";"), words)][1:]
        app.parse_args(ours, exit_on_error=False, print_error=False)


def test_there_are_commands_to_understand() -> None:
    assert len(re.findall(r"^\$ runyard ", "\n".join(map(text, PAGES)), re.MULTILINE)) >= 40
