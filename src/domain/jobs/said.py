"""What a job says of itself, made fit to keep: a job may write anything, but not make its own record unreadable."""

import json
from typing import Final

MAX_DEPTH: Final = 64
"""Deeper documents are refused: readers of JSON recurse, each to a depth of its own."""


def fit_to_keep(document: str | None) -> str | None:
    """The JSON document in valid Unicode, or None: nothing, no JSON, no finite numbers, or nested too deeply."""
    if document is None:
        return None
    try:
        value = json.loads(document, parse_constant=_refuse)
        if _deeper(value, MAX_DEPTH):
            return None
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return text.encode(errors="replace").decode()


def _deeper(value: object, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(depth == 0 or _deeper(each, depth - 1) for each in inner)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
