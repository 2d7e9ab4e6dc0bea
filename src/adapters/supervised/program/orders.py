"""What a collector may ask for, taken out of frames; anything else is a bad frame."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from .frames import BadFrame

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}/[1-9][0-9]{0,8}")
_LONGEST = 1e9


class Renewal(NamedTuple):
    """Attempts whose leases were renewed, and the word of ours that they were renewed after."""

    keys: list[str]
    boot_id: str
    stamp: float


class Order(NamedTuple):
    """What is known of an attempt that is to be started. `spec` holds argv or script, env, cwd, stdin and secrets.

    `deadman`: after how many seconds without a word it gets TERM, and KILL.
    """

    key: str
    nonce: str
    stamp: float
    spec: dict[str, Any]
    run_timeout: float | None
    total_timeout: float | None
    grace: float
    log_limit: int
    log_policy: str
    deadman: tuple[float, float] | None = None


def order(body: dict[str, Any]) -> Order:
    """The order in a START frame."""
    return Order(
        key=key(body),
        nonce=_text(body, "nonce"),
        stamp=_number(body, "stamp"),
        spec=_spec(body),
        run_timeout=None if body.get("run_timeout") is None else _number(body, "run_timeout"),
        total_timeout=None if body.get("total_timeout") is None else _number(body, "total_timeout"),
        grace=_number(body, "grace"),
        log_limit=offset(body, "log_limit"),
        log_policy=_text(body, "log_policy"),
        deadman=_deadman(body.get("deadman")),
    )


def renewal(body: dict[str, Any]) -> Renewal:
    """The renewal in a RENEW frame."""
    keys = body.get("keys")
    if not isinstance(keys, list) or not all(isinstance(each, str) for each in keys):
        raise BadFrame("keys is no list of texts")
    return Renewal(keys, _text(body, "boot_id"), _number(body, "stamp"))


def key(body: dict[str, Any]) -> str:
    """The key of an attempt."""
    found = _text(body, "key")
    if not _KEY.fullmatch(found):
        raise BadFrame("no key of an attempt")
    return found


def name_of(key: str) -> str:
    """The key as part of a file name."""
    return key.replace("/", ".")


def offset(body: dict[str, Any], name: str) -> int:
    """A number of bytes."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadFrame(f"{name} is no number of bytes")
    return value


def _deadman(value: object) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise BadFrame("deadman is no pair of seconds")
    term, kill = (_number({"deadman": each}, "deadman") for each in value)
    return term, kill


def _spec(body: dict[str, Any]) -> dict[str, Any]:
    argv, script, env = body.get("argv"), body.get("script"), body.get("env")
    if (argv is None) == (script is None) or not (script is None or isinstance(script, str)):
        raise BadFrame("either argv or script")
    if argv is not None and not (isinstance(argv, list) and argv and all(isinstance(a, str) for a in argv)):
        raise BadFrame("argv is no list of texts")
    if not isinstance(env, dict) or not all(isinstance(value, str) for value in env.values()):
        raise BadFrame("env is no object of texts")
    for name in ("cwd", "stdin"):
        if not (body.get(name) is None or isinstance(body[name], str)):
            raise BadFrame(f"{name} is no text")
    spec = {name: body.get(name) for name in ("argv", "script", "env", "cwd", "stdin")}
    return dict(spec, secrets=_secrets(body, "secrets"), secret_files=_secrets(body, "secret_files"))


def _secrets(body: dict[str, Any], name: str) -> dict[str, str]:
    found = body.get(name, {})
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadFrame(f"{name} is no object of texts")
    if not all(_VARIABLE.fullmatch(variable) for variable in found):
        raise BadFrame(f"{name} names no variables")
    return found


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise BadFrame(f"{name} is no text")
    return value


def _number(body: dict[str, Any], name: str) -> float:
    value = body.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= _LONGEST:
        raise BadFrame(f"{name} is no number of seconds")
    return float(value) if math.isfinite(value) else _LONGEST
