"""Hosts that are only said to be there."""

from collections.abc import Mapping
from hashlib import sha256

from ...application.ports.executor import HostUnreachable
from ...application.ports.ssh_hosts import HostKeyChanged, LookedOver
from ...domain.errors import FieldProblem
from ...domain.runners.check import Finding, HostFacts, Verdict, judged
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.logins import LoginSecret
from ...domain.runners.ssh import HostKey, SshTarget


class MemorySshHosts:
    """Fits `SshHosts`: each host has a name, a key, and facts."""

    def __init__(self, hosts: Mapping[str, tuple[HostKey, HostFacts]]) -> None:
        self._hosts = hosts

    def shown_key(self, host: str, port: int) -> HostKey:
        if host not in self._hosts:
            raise HostUnreachable(f"{host} port {port} does not answer")
        return self._hosts[host][0]

    def look_over(self, target: SshTarget, secret: LoginSecret | None = None) -> LookedOver:
        try:
            shown = self.shown_key(target.host, target.port)
        except HostUnreachable as error:
            return LookedOver([Finding("reachable", Verdict.REFUSED, str(error))])
        if shown not in target.host_keys:
            return LookedOver([Finding("host_key", Verdict.REFUSED, str(HostKeyChanged(target, shown)))])
        if (target.login.kept is None) is not (secret is None):
            return LookedOver([Finding("login", Verdict.REFUSED, "there is nothing to log in with")])
        facts = self._hosts[target.host][1]
        known = [Finding(name, Verdict.OK, "it is well") for name in ("reachable", "host_key", "login")]
        return LookedOver([*known, *judged(facts)], facts.cores)

    def fingerprint(self, secret: LoginSecret) -> str:
        if "PRIVATE KEY" not in secret.text:
            raise InvalidRunner([FieldProblem("/key/private", "is no private key that can be used")])
        return f"ssh-ed25519 SHA256:{sha256(secret.text.encode()).hexdigest()}"
