"""Remove a secret, and its value with it."""

from dataclasses import dataclass

from ...domain.secrets.secret import SecretNotFound, is_secret_name, place_of
from ..ports.secret_work import SecretsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSecretCommand:
    """The secret that goes."""

    project: str
    name: str


class RemoveSecret:
    """When this returns, no attempt gets it any more: those that need it fail to start."""

    def __init__(self, begin: Begin[SecretsWork]) -> None:
        self._begin = begin

    def execute(self, command: RemoveSecretCommand) -> None:
        """Or `SecretNotFound`."""
        if not is_secret_name(command.name):
            raise SecretNotFound(command.project, command.name)
        with self._begin() as work:
            if not work.secrets.remove(command.project, command.name):
                raise SecretNotFound(command.project, command.name)
            work.sealed.remove([place_of(command.project, command.name)])
            work.commit()
