"""Open a login: what is kept to log in at a host, for whoever is about to."""

from dataclasses import dataclass

from ...domain.runners.ids import RunnerId
from ...domain.runners.logins import LoginSecret, login_place
from ...domain.runners.ssh import SshTarget
from ..ports.secret_work import SealedValuesReading
from ..ports.work import Begin
from .keeping import KeptLogins


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoginCommand:
    """The runner, and the way to its host."""

    runner_id: RunnerId
    target: SshTarget


class OpenLogin:
    """Opens what is sealed, outside of any transaction. Nothing of it stays."""

    def __init__(self, read: Begin[SealedValuesReading], logins: KeptLogins) -> None:
        self._read = read
        self._logins = logins

    def execute(self, command: OpenLoginCommand) -> LoginSecret | None:
        """The key or password; None if nothing is kept; or `SshLoginRefused`."""
        with self._read() as reading:
            sealed = reading.sealed.get([login_place(command.runner_id)])
        return self._logins.opened(command.runner_id, command.target, sealed)
