"""Set a secret: its value is sealed, and from then on only jobs get it."""

from dataclasses import dataclass

from ...domain.secrets.secret import MOST_SECRETS, Secret, SecretValue, TooManySecrets, checked_name, place_of
from ..ports.sealing import Sealer
from ..ports.secret_work import SecretsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSecretCommand:
    """The secret, its value, and who says so."""

    project: str
    name: str
    value: SecretValue
    by: str


class SetSecret:
    """When this returns, attempts that start get this value; those that run keep the one they have."""

    def __init__(self, begin: Begin[SecretsWork], sealer: Sealer) -> None:
        self._begin = begin
        self._sealer = sealer

    def execute(self, command: SetSecretCommand) -> Secret:
        """The secret as it is now; a failing seal is a failing write."""
        project, name = command.project, checked_name(command.name)
        place = place_of(project, name)
        sealed = self._sealer.seal(command.value.text.encode(), place)
        with self._begin() as work:
            work.projects.get(project)
            if not work.secrets.known(project, [name]) and len(work.secrets.all(project)) >= MOST_SECRETS:
                raise TooManySecrets(project)
            secret = work.secrets.set(project, name, by=command.by, at=work.now())
            work.sealed.put(place, sealed)
            work.commit()
        return secret
