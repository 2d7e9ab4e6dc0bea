"""What is kept to log in at hosts: sealed before it is stored, opened when somebody is about to log in."""

from collections.abc import Mapping
from dataclasses import replace

from ...domain.errors import FieldProblem
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.ids import RunnerId
from ...domain.runners.logins import KeptKind, LoginSecret, login_place
from ...domain.runners.ssh import SshLogin, SshTarget
from ...domain.secrets.sealing import Place, SealBroken, Sealed, SealingKeyUnavailable
from ..ports.sealing import SealedValues, Sealer
from ..ports.ssh_hosts import SshHosts, SshLoginRefused

NO_PASSWORDS = (
    "logging in with a password is not allowed here: use a key, or set RUNYARD_SSH_PASSWORDS=true for every process"
)


class KeptLogins:
    """Knows the sealer, and whether passwords may be used."""

    def __init__(self, sealer: Sealer, hosts: SshHosts, *, passwords: bool = False) -> None:
        self._sealer = sealer
        self._hosts = hosts
        self._passwords = passwords

    def named(self, login: SshLogin, secret: LoginSecret | None) -> SshLogin:
        """The login with the name of the key that is to be kept; `InvalidRunner` if that may not be."""
        if login.kept is None or secret is None:
            return login
        if secret.kind is KeptKind.PASSWORD:
            if not self._passwords:
                raise InvalidRunner([FieldProblem("/key/password", NO_PASSWORDS)])
            return login
        return replace(login, kept=replace(login.kept, fingerprint=self._hosts.fingerprint(secret)))

    def keep(self, values: SealedValues, runner_id: RunnerId, login: SshLogin, secret: LoginSecret | None) -> None:
        """What is kept of this runner from now on: the secret if one is given, nothing if its login needs none."""
        place = login_place(runner_id)
        if login.kept is None:
            values.remove([place])
        elif secret is not None:
            values.put(place, self._sealer.seal(secret.text.encode(), place))

    def opened(self, runner_id: RunnerId, target: SshTarget, sealed: Mapping[Place, Sealed]) -> LoginSecret | None:
        """What to log in with, if it is kept; `SshLoginRefused` saying why it cannot be had."""
        kept, place = target.login.kept, login_place(runner_id)
        if kept is None:
            return None
        if kept.kind is KeptKind.PASSWORD and not self._passwords:
            raise SshLoginRefused(NO_PASSWORDS)
        if place not in sealed:
            raise SshLoginRefused(f"what is kept to log in at {target.host} is gone; give it again")
        try:
            return LoginSecret(kept.kind, self._sealer.open(sealed[place], place).decode())
        except (SealBroken, SealingKeyUnavailable) as why:
            raise SshLoginRefused(f"what is kept to log in at {target.host} cannot be opened: {why}") from why
