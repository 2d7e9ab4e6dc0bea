"""Labels: what people say of jobs and runners, so that they are found by it."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from .errors import FieldProblem, pointer_to

MAX_LABELS: Final = 64
MAX_VALUE_BYTES: Final = 256
_KEY: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?")


def label_problems(labels: Mapping[str, str], *, at: str = "/labels") -> Iterator[FieldProblem]:
    """What is wrong with these labels, which stand `at` this place of a body."""
    if len(labels) > MAX_LABELS:
        yield FieldProblem(at, f"at most {MAX_LABELS} labels")
    for key, value in labels.items():
        if not _KEY.fullmatch(key):
            yield FieldProblem(pointer_to(at, key), "a key is 1 to 63 letters, digits, '.', '_', '/' or '-'")
        yield from text_problems(pointer_to(at, key), value, most=MAX_VALUE_BYTES)


def text_problems(pointer: str, text: str, *, most: int) -> Iterator[FieldProblem]:
    """What is wrong with a text that may have so many bytes."""
    if "\0" in text or not encodable(text):
        yield FieldProblem(pointer, "must be valid Unicode text without NUL")
    elif len(text.encode()) > most:
        yield FieldProblem(pointer, f"is longer than {most} bytes")


def encodable(text: str) -> bool:
    """Whether the text is Unicode that can be written down."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
