"""Hosts as they are before anything of ours runs there."""

import time
from typing import Any, Final

import paramiko

from ....application.ports.executor import HostUnreachable
from ....application.ports.ssh_hosts import HostKeyChanged, HostUnfit, LookedOver, SshLoginRefused
from ....domain.errors import FieldProblem
from ....domain.runners.check import Finding, HostFacts, Verdict, judged
from ....domain.runners.errors import InvalidRunner
from ....domain.runners.logins import LoginSecret
from ....domain.runners.ssh import HostKey, SshTarget
from .dialing import dial, shown_key
from .greeting import Greeting, far_text, greet, line_from
from .private_keys import KeyUnusable, key_in
from .way import asked_for, opened, send_program

_SESSIONS: Final = 8
_FOLDER: Final = "check"


class ParamikoHosts:
    """Fits `SshHosts`."""

    def shown_key(self, host: str, port: int) -> HostKey:
        return shown_key(host, port)

    def look_over(self, target: SshTarget, secret: LoginSecret | None = None) -> LookedOver:
        findings: list[Finding] = []
        try:
            facts = self._facts(target, secret, findings)
        except HostUnreachable as error:
            findings.append(Finding(_named(error), Verdict.REFUSED, str(error)))
            return LookedOver(findings)
        return LookedOver([*findings, *judged(facts)], facts.cores)

    def fingerprint(self, secret: LoginSecret) -> str:
        try:
            key = key_in(secret.text)
        except KeyUnusable as why:
            raise InvalidRunner([FieldProblem("/key/private", str(why))]) from None
        return str(HostKey(key.get_name(), key.get_base64()))

    def _facts(self, target: SshTarget, secret: LoginSecret | None, findings: list[Finding]) -> HostFacts:
        transport = dial(target, secret)
        try:
            key, version = transport.get_remote_server_key(), transport.remote_version
            findings += [
                Finding("reachable", Verdict.OK, f"{target.host} port {target.port} answers as {version[:100]}"),
                Finding("host_key", Verdict.OK, f"it shows a pinned key, {HostKey(key.get_name(), key.get_base64())}"),
                Finding("login", Verdict.OK, f"{target.user!r} is let in"),
            ]
            channel = opened(transport)
            greeting = greet(channel, far_text("probe", asked_for(f"{target.work_root.rstrip('/')}/{_FOLDER}")))
            sessions = 1 + _more_sessions(transport)  # while the first one still waits for its program
            asked = time.time()
            told = _looked(channel)
            return _facts_in(told, (asked + time.time()) / 2, greeting, sessions)
        finally:
            transport.close()


def _named(error: HostUnreachable) -> str:
    match error:
        case HostKeyChanged():
            return "host_key"
        case SshLoginRefused():
            return "login"
        case HostUnfit():
            return "interpreter"
    return "reachable"


def _looked(channel: paramiko.Channel) -> dict[str, Any]:
    line_from(channel)
    send_program(channel)
    return line_from(channel)


def _facts_in(told: dict[str, Any], now: float, greeting: Greeting, sessions: int) -> HostFacts:
    """What a stranger says is believed only as far as it has the form that we asked for."""
    try:
        return HostFacts(
            python=_version(told["python"]),
            interpreter=str(told["interpreter"]),
            cores=int(told["cores"]),
            work_root=str(told["work_root"]),
            work_root_error=told["work_root_error"] and str(told["work_root_error"]),
            free_bytes=int(told["free_bytes"]),
            containment=str(told["containment"]),
            seconds_ahead=float(told["time"]) - now,
            shell_seconds=greeting.seconds,
            noise=greeting.noise,
            sessions=sessions,
            ends_processes=bool(told["ends_processes"]),
            boot_id=str(told["boot_id"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise HostUnreachable("what answers on the host is not what was sent there") from error


def _more_sessions(transport: paramiko.Transport) -> int:
    """How many more sessions can be had beside the one that is open, all at once."""
    held: list[paramiko.Channel] = []
    try:
        while len(held) < _SESSIONS - 1:
            held.append(transport.open_session())
    except (paramiko.SSHException, EOFError):
        pass
    for channel in held:
        channel.close()
    return len(held)


def _version(said: Any) -> tuple[int, int, int]:
    major, minor, patch = map(int, said)
    return major, minor, patch
