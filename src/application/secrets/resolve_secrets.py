"""Resolve secrets: what attempts that are about to start get, as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...domain.errors import RunyardError
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.spec import JobSpec
from ...domain.secrets.sealing import Place, Sealed, SealingKeyUnavailable
from ...domain.secrets.secret import SecretGone, place_of
from ..ports.sealing import Sealer
from ..ports.secret_work import SealedValuesReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveSecretsCommand:
    """Attempts, and what their jobs were made from."""

    attempts: Mapping[AttemptRef, JobSpec]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Values by variable, for the process alone; or why they cannot be had."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    refused: RunyardError | None = None


NO_SECRETS = Resolved()


class ResolveSecrets:
    """Opens what is sealed, outside of any transaction. Nothing of it is kept."""

    def __init__(self, read: Begin[SealedValuesReading], sealer: Sealer) -> None:
        self._read = read
        self._sealer = sealer

    def execute(self, command: ResolveSecretsCommand) -> dict[AttemptRef, Resolved]:
        """An answer for each attempt."""
        places = {place_of(spec.project, name) for spec in command.attempts.values() for name in spec.secret_names}
        with self._read() as reading:
            sealed = reading.sealed.get(places)
        return {ref: self._resolved(spec, sealed) for ref, spec in command.attempts.items()}

    def _resolved(self, spec: JobSpec, sealed: Mapping[Place, Sealed]) -> Resolved:
        try:
            return Resolved(
                {variable: self._opened(spec.project, name, sealed) for variable, name in spec.secrets.items()},
                {variable: self._opened(spec.project, name, sealed) for variable, name in spec.secret_files.items()},
            )
        except RunyardError as refusal:
            return Resolved(refused=refusal)

    def _opened(self, project: str, name: str, sealed: Mapping[Place, Sealed]) -> str:
        place = place_of(project, name)
        if place not in sealed:
            raise SecretGone(project, name)
        try:
            return self._sealer.open(sealed[place], place).decode()
        except SealingKeyUnavailable as why:
            raise SealingKeyUnavailable(f"the secret {name!r} cannot be opened: {why}") from why
