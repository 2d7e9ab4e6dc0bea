"""JSON in which a name stands twice says two things at once, and readers differ in which of them they hear."""

import json
from collections.abc import Sequence
from typing import Any


class DoubledName(ValueError):
    """An object has the same name twice."""


def refuse_doubled_names(raw: bytes) -> None:
    """`DoubledName` if this JSON, which is known to be well-formed, has one."""
    json.loads(raw, object_pairs_hook=_once, parse_int=str, parse_float=str)


def _once(pairs: Sequence[tuple[str, Any]]) -> None:
    names = set()
    for name, _ in pairs:
        if name in names:
            shown = name if name.isidentifier() and len(name) <= 64 else "a name"
            raise DoubledName(f"{shown} stands twice in one object")
        names.add(name)
