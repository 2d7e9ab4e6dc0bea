"""A connection to an SSH server that shows a pinned key, logged in."""

import contextlib
import logging
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import paramiko
from paramiko.pkey import UnknownKeyType

from ....application.ports.executor import HostUnreachable
from ....application.ports.ssh_hosts import HostKeyChanged, SshLoginRefused
from ....domain.runners.ssh import HostKey, SshTarget

_CONNECT_SECONDS: Final = 10.0
_STEP_SECONDS: Final = 15.0
_UNACKNOWLEDGED_MS: Final = 6000
_SSH_KEEPALIVE: Final = 15
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256")
_LOG: Final = "runyard.ssh"

logging.getLogger(_LOG).addHandler(logging.NullHandler())
logging.getLogger(_LOG).propagate = False  # what matters comes as an exception


def dial(target: SshTarget) -> paramiko.Transport:
    """Logged in; `HostKeyChanged`, `SshLoginRefused`, or another `HostUnreachable`. The caller closes it."""
    transport = _greeted(target.host, target.port, [key.type for key in target.host_keys])
    try:
        shown = _key_of(transport)
        if shown not in target.host_keys:
            raise HostKeyChanged(target, shown)  # noqa: TRY301 - closed below, whatever it was
        with _told(target.host, target.port):
            _log_in(transport, target)
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
        transport = paramiko.Transport(_connected(host, port))
        transport.set_log_channel(_LOG)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = _STEP_SECONDS
        transport.channel_timeout = _STEP_SECONDS
        options = transport.get_security_options()
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


def _log_in(transport: paramiko.Transport, target: SshTarget) -> None:
    tried = 0
    for key in _keys(target):
        tried += 1
        with contextlib.suppress(paramiko.AuthenticationException):
            transport.auth_publickey(target.user, key)
        if transport.is_authenticated():
            return
        if not transport.is_active():
            break
    if not tried:
        raise SshLoginRefused("there is no ssh-agent with a key here; start one, or give the runner a key file")
    what = target.login.key_file or f"the agent's {tried} keys"
    raise SshLoginRefused(
        f"{target.host} does not let {target.user!r} in with {what}: is its public half in ~/.ssh/authorized_keys "
        "there, and does that account have a login shell?"
    )


def _keys(target: SshTarget) -> Iterator[paramiko.PKey]:
    if target.login.key_file is None:
        agent = paramiko.Agent()
        try:
            yield from agent.get_keys()
        finally:
            agent.close()
        return
    yield _key_in(Path(target.login.key_file))


def _key_in(path: Path) -> paramiko.PKey:
    """Like ssh itself we use no key that others can read. What is in the file is never repeated."""
    try:
        found = path.stat()
        if found.st_mode & _OTHERS and found.st_uid == os.geteuid():
            raise SshLoginRefused(f"others may read the private key {path}; chmod 600 it")
        return paramiko.PKey.from_path(path)
    except OSError as error:
        raise SshLoginRefused(f"the private key {path} cannot be read here: {error.strerror}") from None
    except paramiko.PasswordRequiredException:
        told = f"the private key {path} has a passphrase; use an ssh-agent, or a key without one"
        raise SshLoginRefused(told) from None
    except (paramiko.SSHException, UnknownKeyType, ValueError, TypeError, IndexError):
        raise SshLoginRefused(f"{path} is no private key that can be used") from None


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
