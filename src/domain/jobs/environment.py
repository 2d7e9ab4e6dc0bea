"""Variables that a submitter may not set: they decide what other programs of the host load or run."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from ..errors import FieldProblem, InvalidFields, pointer_to
from .spec import JobSpec

LOADER_VARIABLES: Final = ("LD_*", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "BASH_ENV", "ENV")
"""What the dynamic loader, the C library and shells obey before the program itself has a say."""


class DeniedVariable(InvalidFields):
    """A job sets variables that are not taken here; `problems` names each one and what denies it."""

    code = "denied-variable"


@dataclass(frozen=True, slots=True)
class DeniedVariables:
    """Patterns of names, `*` standing for anything; `setting` is what an operator knows them by."""

    patterns: tuple[str, ...] = ()
    setting: str = "RUNYARD_DENIED_ENV"

    def refusal(self, spec: JobSpec) -> DeniedVariable | None:
        """Why the job is not taken; None: it sets nothing that is denied."""
        problems = list(self._problems(spec)) if self.patterns else []
        return DeniedVariable(problems) if problems else None

    def _problems(self, spec: JobSpec) -> Iterator[FieldProblem]:
        for field in ("env", "secrets", "secret_files"):
            for variable in getattr(spec, field):
                pattern = next((each for each in self.patterns if fnmatchcase(variable, each)), None)
                if pattern is not None:
                    told = f"is not taken here: {self.setting} denies {pattern}; set it within the command instead"
                    yield FieldProblem(pointer_to(f"/{field}", variable), told)
