"""What an agent is told: a file, each of its lines with a twin in the environment that counts more."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

from ...domain.errors import Refusal, RunyardError
from ...domain.runners.passes import ROTATE_AFTER

ENVIRONMENT: Final = "RUNYARD_AGENT_"
FILE: Final = "agent.toml"
_YES: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class WrongAgentSettings(RunyardError):
    """A setting that cannot be meant; all that is wrong is named."""

    refusal = Refusal.INVALID
    code = "wrong-agent-settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """`url` is the server. `idle_timeout`: leave after so many seconds without anything to do; 0 is never.

    `ephemeral`: run one job, then leave. `drain_timeout`: told to stop, wait so many seconds for what runs.
    `min_free_bytes`: take nothing while less is free. `rotate_every`: seconds between two tokens.
    """

    url: str
    ca_file: str = ""
    ephemeral: bool = False
    idle_timeout: float = 0.0
    drain_timeout: float = 300.0
    min_free_bytes: int = 256 << 20
    rotate_every: float = ROTATE_AFTER.total_seconds()
    containment: str = ""
    log_level: str = "info"

    @classmethod
    def read(cls, folder: Path, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings, or `WrongAgentSettings`."""
        file = folder / FILE
        try:
            told = tomllib.loads(file.read_text()) if file.exists() else {}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise WrongAgentSettings(f"{file} cannot be read: {error}") from None
        kinds = {each.name: each.type for each in fields(cls)}
        problems = [f"{file}: {name!r} is no setting; known are {', '.join(kinds)}" for name in told.keys() - kinds]
        given: dict[str, Any] = {name: value for name, value in told.items() if name in kinds}
        given |= {
            name: environment[f"{ENVIRONMENT}{name.upper()}"]
            for name in kinds
            if environment.get(f"{ENVIRONMENT}{name.upper()}")
        }
        values = {}
        for name, value in given.items():
            try:
                values[name] = _as(kinds[name], value)
            except (TypeError, ValueError, OverflowError):
                problems.append(f"{name}: {value!r} is no {getattr(kinds[name], '__name__', kinds[name])}")
        if values.get("rotate_every") == 0:
            problems.append("rotate_every: there must be some time between two tokens")
        if "url" not in values:
            problems.append(f"url: there is no server yet; register with `runyard agent register`, or set it in {file}")
        if problems:
            raise WrongAgentSettings("; ".join(sorted(problems)))
        return cls(**values)


def written(folder: Path, **settings: str) -> None:
    """Keep these in the file, in place of what it said of them before; the rest stays as it is."""
    file = folder / FILE
    kept = file.read_text().splitlines() if file.exists() else []
    lines = [line for line in kept if line.partition("=")[0].strip() not in settings]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    file.write_text("\n".join([*lines, ""]))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _as(kind: Any, value: Any) -> Any:
    if kind is bool:
        return value if isinstance(value, bool) else _flag(str(value))
    if kind is str:
        if not isinstance(value, str):
            raise TypeError
        return value
    number = kind(value)
    if isinstance(value, bool) or not number >= 0 or (isinstance(value, float) and number != value):
        raise ValueError
    return number


def _flag(text: str) -> bool:
    if text.lower() not in _YES:
        raise ValueError
    return _YES[text.lower()]
