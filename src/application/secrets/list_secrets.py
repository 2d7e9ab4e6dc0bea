"""List secrets: names, versions, by whom and when. Never values."""

from dataclasses import dataclass

from ...domain.secrets.secret import Secret
from ..ports.secret_work import SecretsReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSecretsCommand:
    """Those of the project."""

    project: str


class ListSecrets:
    """Reads what may be known."""

    def __init__(self, read: Begin[SecretsReading]) -> None:
        self._read = read

    def execute(self, command: ListSecretsCommand) -> list[Secret]:
        """The secrets, by name."""
        with self._read() as reading:
            return reading.secrets.all(command.project)
