"""The supervisor's program as one text, named by its hash."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_LAST = "entry"


class Bundle(NamedTuple):
    """A file name and what the file holds."""

    name: str
    text: str


@cache
def bundle() -> Bundle:
    """All modules of `program`, and the few lines which make modules of them again."""
    folder = files(__package__) / "program"
    sources = {
        item.name.removesuffix(".py"): item.read_text("utf-8")
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".py") and item.name != "__init__.py"
    }
    last = sources.pop(_LAST).replace("from __future__ import annotations\n", "")
    modules = "".join(f"    {name!r}: {text!r},\n" for name, text in sources.items())
    text = f"from __future__ import annotations\n\nSOURCES = {{\n{modules}}}\n\n{last}"
    return Bundle(f"supd-{hashlib.sha256(text.encode()).hexdigest()[:16]}.py", text)
