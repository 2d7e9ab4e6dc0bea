"""Values as people type them."""

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from getpass import getpass
from math import isfinite, nan
from pathlib import Path
from typing import Any, Final

from ...domain.accounts.projects import DEFAULT_PROJECT
from .exits import WrongUsage

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
_SIZES: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SIZE: Final = re.compile(r"(\d+)([KMG]?)i?B?", re.IGNORECASE)


def seconds(_: object, tokens: Any) -> float:
    """`90`, `1.5`, `500ms`, `5m`, `1h30m`, `2d`."""
    text, found = tokens[0].value, nan
    parts = _DURATION.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        found = sum(float(number) * _UNITS[unit] for number, unit in parts)
    else:
        with suppress(ValueError):
            found = float(text)
    if not isfinite(found):
        raise ValueError(f"{text!r} is not a time; write seconds, or 5m, 1h30m, 2d")
    return found


def moment(_: object, tokens: Any) -> datetime:
    """`2030-01-31T12:00:00Z`; without a zone it is ours."""
    text = tokens[0].value
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise ValueError(f"{text!r} is not a moment; write it as 2030-01-31T12:00:00Z") from None


def size(_: object, tokens: Any) -> int:
    """`4096`, `64K`, `10M`, `1G`."""
    found = _SIZE.fullmatch(tokens[0].value)
    if not found:
        raise ValueError(f"{tokens[0].value!r} is not a size; write bytes, or 64K, 10M, 1G")
    return int(found[1]) * _SIZES[found[2].upper()]


def limit(_: object, tokens: Any) -> int | str:
    """`5`, `none`, or `usual`."""
    text = tokens[0].value
    if text in ("none", "usual"):
        return str(text)
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no limit; write a number, none, or usual")
    return int(text)


def unseen(question: str) -> str:
    """What is typed, and not shown; or the next line of our input. Never an argument: others could read it."""
    try:
        return getpass(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    except EOFError:
        return ""


def environment(given: Iterable[str]) -> dict[str, str]:
    """`K=V` sets, `K` alone copies from the caller."""
    env = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals and name not in os.environ:
            raise WrongUsage(f"--env {name}: there is no such variable to copy; write --env {name}=VALUE")
        env[name] = value if equals else os.environ[name]
    return env


def secret_names(given: Iterable[str]) -> dict[str, str]:
    """`K=NAME`; `K` alone is a secret of that name."""
    return {name: secret or name for name, _, secret in (item.partition("=") for item in given)}


def project_of(said: str | None) -> str:
    """The project that is meant."""
    return said or os.environ.get("RUNYARD_PROJECT") or DEFAULT_PROJECT


def labels(given: Iterable[str]) -> dict[str, str]:
    """`K=V`; `K` alone has an empty value."""
    return {name: value for name, _, value in (item.partition("=") for item in given)}


def text_of(source: str, option: str) -> str:
    """The text of a file, or of our standard input for `-`."""
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).expanduser().read_bytes()
    except OSError as error:
        raise WrongUsage(f"{option}: {source} cannot be read: {error.strerror}") from None
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise WrongUsage(f"{option}: {source} is not UTF-8 text; let the command read the file itself") from None
