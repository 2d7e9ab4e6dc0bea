"""A connection to an SSH server that shows a pinned key, logged in."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import paramiko

from ....application.ports.executor import HostUnreachable
from ....application.ports.ssh_hosts import HostKeyChanged, SshLoginRefused
from ....domain.runners.logins import KeptKind, LoginSecret
from ....domain.runners.ssh import HostKey, SshTarget
from .private_keys import KeyUnusable, key_in, key_in_file

_CONNECT_SECONDS: Final = 10.0
_STEP_SECONDS: Final = 15.0
_UNACKNOWLEDGED_MS: Final = 6000
_SSH_KEEPALIVE: Final = 15
_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256")
_CIPHERS: Final = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
"""One pass over each packet first, then what every server has; nothing that is broken by now."""
_DIGESTS: Final = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
_WINDOW: Final = 8 << 20
_PACKET: Final = 128 << 10
_LOG: Final = "runyard.ssh"

logging.getLogger(_LOG).addHandler(logging.NullHandler())
logging.getLogger(_LOG).propagate = False  # what matters comes as an exception


def dial(target: SshTarget, secret: LoginSecret | None = None) -> paramiko.Transport:
    """Logged in; `HostKeyChanged`, `SshLoginRefused`, or another `HostUnreachable`. The caller closes it."""
    transport = _greeted(target.host, target.port, [key.type for key in target.host_keys])
    try:
        shown = _key_of(transport)
        if shown not in target.host_keys:
            raise HostKeyChanged(target, shown)  # noqa: TRY301 - closed below, whatever it was
        with _told(target.host, target.port):
            _log_in(transport, target, secret)
        transport.set_keepalive(_SSH_KEEPALIVE)
    except BaseException:
        transport.close()
        raise
    return transport


def shown_key(host: str, port: int) -> HostKey:
    """The key the host shows; nothing else is said to it."""
    transport = _greeted(host, port, ["ssh-ed25519"])
    try:
        return _key_of(transport)
    finally:
        transport.close()


def _greeted(host: str, port: int, wanted: list[str]) -> paramiko.Transport:
    """Encrypted, to whoever answers there; asked for a key of these types before others."""
    with _told(host, port):
        transport = paramiko.Transport(
            _connected(host, port), default_window_size=_WINDOW, default_max_packet_size=_PACKET
        )
        transport.set_log_channel(_LOG)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = _STEP_SECONDS
        transport.channel_timeout = _STEP_SECONDS
        options = transport.get_security_options()
        options.ciphers, options.digests = _CIPHERS, _DIGESTS
        first = [name for kind in wanted for name in (_RSA if kind == "ssh-rsa" else (kind,))]
        options.key_types = sorted(options.key_types, key=lambda name: name not in first)
        try:
            transport.start_client(timeout=_STEP_SECONDS)
        except BaseException:
            transport.close()
            raise
    return transport


def _connected(host: str, port: int) -> socket.socket:
    connection = socket.create_connection((host, port), timeout=_CONNECT_SECONDS)
    for level, option, value in (
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2),
        (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    ):
        connection.setsockopt(level, option, value)
    return connection


def _key_of(transport: paramiko.Transport) -> HostKey:
    key = transport.get_remote_server_key()
    return HostKey(key.get_name(), key.get_base64())


def _log_in(transport: paramiko.Transport, target: SshTarget, secret: LoginSecret | None) -> None:
    if secret is not None and secret.kind is KeptKind.PASSWORD:
        with contextlib.suppress(paramiko.AuthenticationException):
            transport.auth_password(target.user, secret.text)
        if not transport.is_authenticated():
            raise SshLoginRefused(f"{target.host} does not let {target.user!r} in with the password that is kept")
        return
    tried = 0
    for key in _keys(target, secret):
        tried += 1
        with contextlib.suppress(paramiko.AuthenticationException):
            transport.auth_publickey(target.user, key)
        if transport.is_authenticated():
            return
        if not transport.is_active():
            break
    if not tried:
        raise SshLoginRefused("there is no ssh-agent with a key here; start one, or give the runner a key file")
    what = f"the agent's {tried} keys" if target.login.agent else target.login.told
    raise SshLoginRefused(
        f"{target.host} does not let {target.user!r} in with {what}: is its public half in ~/.ssh/authorized_keys "
        "there, and does that account have a login shell?"
    )


def _keys(target: SshTarget, secret: LoginSecret | None) -> Iterator[paramiko.PKey]:
    if target.login.agent:
        agent = paramiko.Agent()
        try:
            yield from agent.get_keys()
        finally:
            agent.close()
        return
    try:
        if target.login.key_file is not None:
            yield key_in_file(Path(target.login.key_file))
        elif secret is not None:
            yield key_in(secret.text)
    except KeyUnusable as why:
        raise SshLoginRefused(str(why)) from None


@contextlib.contextmanager
def _told(host: str, port: int) -> Iterator[None]:
    """Every way in which talking to a server fails, as one."""
    try:
        yield
    except socket.gaierror as error:
        raise HostUnreachable(f"there is no address for {host!r}: {error.strerror}") from error
    except TimeoutError as error:
        raise HostUnreachable(f"{host} port {port} does not answer") from error
    except OSError as error:
        raise HostUnreachable(f"{host} port {port} cannot be reached: {error.strerror or error}") from error
    except (paramiko.SSHException, EOFError) as error:
        raise HostUnreachable(
            f"{host} port {port} is no SSH server we can talk to: {str(error) or 'it hung up'}"
        ) from error
