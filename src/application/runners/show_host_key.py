"""Show a host's key, for somebody who knows the host to confirm."""

from dataclasses import dataclass

from ...domain.runners.errors import InvalidRunner
from ...domain.runners.ssh import HostKey, address_problems
from ..ports.ssh_hosts import SshHosts


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowHostKeyCommand:
    """Where the host's SSH server listens. Else `InvalidRunner`."""

    host: str
    port: int = 22

    def __post_init__(self) -> None:
        problems = list(address_problems(self.host, self.port))
        if problems:
            raise InvalidRunner(problems)


class ShowHostKey:
    """Asks the host. Whoever stands between could answer too, so a person compares the fingerprint."""

    def __init__(self, hosts: SshHosts) -> None:
        self._hosts = hosts

    def execute(self, command: ShowHostKeyCommand) -> HostKey:
        """The key as shown from there, or `HostUnreachable`."""
        return self._hosts.shown_key(command.host, command.port)
