"""Hosts with an SSH server, as they are before anything of ours runs there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ...domain.errors import Refusal
from ...domain.runners.check import Finding
from ...domain.runners.logins import LoginSecret
from ...domain.runners.ssh import HostKey, SshTarget
from .executor import HostUnreachable


class HostKeyChanged(HostUnreachable):
    """The host shows a key that is not pinned; nothing was sent to it, not even who wants to log in."""

    code = "host-key-changed"
    lasts = True

    def __init__(self, target: SshTarget, shown: HostKey) -> None:
        pinned = ", ".join(map(str, target.host_keys))
        super().__init__(
            f"{target.host} shows the host key {shown}, and pinned is {pinned}: either it is another host, or its key "
            "was changed; compare with `ssh-keygen -lf` on the host itself before you pin the new one"
        )


class SshLoginRefused(HostUnreachable):
    """The host does not let us in, or our own key cannot be used."""

    code = "ssh-login-refused"
    lasts = True


class HostUnfit(HostUnreachable):
    """The host was reached and cannot be a runner as it is."""

    code = "host-unfit"
    lasts = True
    refusal = Refusal.CONFLICT


@dataclass(frozen=True, slots=True)
class LookedOver:
    """What was found, in the order of looking, and how many cores the host has if that came out."""

    findings: Sequence[Finding]
    cores: int | None = None


class SshHosts(Protocol):
    """Looks at hosts. Nothing stays open, and nothing of ours stays running there."""

    def shown_key(self, host: str, port: int) -> HostKey:
        """The key the host shows, believed by nobody yet; `HostUnreachable` if none is there to show one."""

    def look_over(self, target: SshTarget, secret: LoginSecret | None = None) -> LookedOver:
        """Reach it, log in (with that, if the target's login is one that is kept), look around. What goes wrong is a
        finding that refuses, the last one.
        """

    def fingerprint(self, secret: LoginSecret) -> str:
        """Which key this is, as in `ssh-ed25519 SHA256:…`; `InvalidRunner` if none that can be used as it is."""
