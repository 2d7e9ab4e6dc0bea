"""What lists and events show of a spec: enough to know the job by, and little however much was submitted."""

from dataclasses import dataclass, replace
from typing import Final, Self

from .spec import Command, JobSpec

MAX_COMMAND: Final = 4096
"""So many characters of a command are shown."""


@dataclass(frozen=True, slots=True)
class SpecOutline:
    """A spec without its `env` and `stdin`; `cut`: of its command this is the beginning. It is nothing to run."""

    shown: JobSpec
    cut: bool = False

    @classmethod
    def of(cls, spec: JobSpec) -> Self:
        """The outline of this spec."""
        command = _beginning(spec.command)
        return cls(replace(spec, command=command, env={}, stdin=None), cut=command != spec.command)


def _beginning(command: Command) -> Command:
    if isinstance(command, str):
        return command if len(command) <= MAX_COMMAND else command.lstrip()[:MAX_COMMAND]
    kept: list[str] = []
    left = MAX_COMMAND
    for argument in command:
        if left <= 0:
            break
        kept.append(argument[:left])
        left -= len(argument) + 1  # arguments of no length have a place too
    return tuple(kept)
