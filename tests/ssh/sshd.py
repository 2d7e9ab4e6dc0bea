"""A real OpenSSH server for the tests, on loopback, with keys and a configuration of its own.

As root every host has an account of its own, made for the session: what runs there is not ours. Otherwise the server
can only let our own account in, and gives each host a home of its own.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runyard.domain.runners.ssh import HostKey, SshLogin, SshTarget
from tests.integration.server import free_port

START_SECONDS = 60.0
_PLACES = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd")


class SshdUnavailable(Exception):
    """OpenSSH cannot run on this machine; the message says why."""


@dataclass(frozen=True)
class Account:
    """Who logs in, and where that account's home is."""

    name: str
    home: Path
    uid: int
    gid: int

    def write(self, name: str, text: str) -> Path:
        """A file in its home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for each in (path, *path.parents):
            if each.is_relative_to(self.home):
                os.chown(each, self.uid, self.gid)
        return path


class Sshd:
    """Starts, stops and hurts one server; its port, keys and configuration stay what they are.

    `inside` is what its program is started by, in a network of its own for instance; it answers at `address`.
    """

    inside: tuple[str, ...] = ()
    address = "127.0.0.1"

    def __init__(self, folder: Path, account: Account, client_key: Path, **options: str) -> None:
        self.folder, self.account, self.client_key = folder, account, client_key
        self.port = free_port()
        self._program = _found()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o755, exist_ok=True)
        self.host_key_file = keygen(folder / "host_key")
        authorized = folder / "authorized_keys"
        authorized.write_text(client_key.with_suffix(".pub").read_text())
        authorized.chmod(0o644)
        self._configure()

    @property
    def host_key(self) -> HostKey:
        """The key it shows."""
        return HostKey.parse(self.host_key_file.with_suffix(".pub").read_text())

    @property
    def log(self) -> str:
        """What it said."""
        return (self.folder / "sshd.log").read_text(errors="replace")

    def target(self, **changes: object) -> SshTarget:
        """The way to this host."""
        values = {
            "host": self.address,
            "port": self.port,
            "user": self.account.name,
            "login": SshLogin(key_file=str(self.client_key)),
            "host_keys": (self.host_key,),
        }
        return SshTarget(**{**values, **changes})  # type: ignore[arg-type]

    def start(self) -> None:
        """Start it; it answers when this returns."""
        with (self.folder / "sshd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self.inside, self._program, "-D", "-e", "-f", str(self.folder / "sshd_config")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError), socket.create_connection((self.address, self.port), 0.5) as reached:
                if reached.recv(8).startswith(b"SSH-"):
                    return
            if self._process.poll() is not None or time.monotonic() > until:
                raise SshdUnavailable(f"sshd does not start: {self.log[-1000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """No new connections; those there are go on."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def sessions(self) -> list[int]:
        """The processes of its connections."""
        found = []
        for pid in _pids():
            with suppress(OSError, ValueError):
                status = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                if status.startswith(b"sshd") and b"[listener]" not in status and self._is_of(pid):
                    found.append(pid)
        return found

    def cut(self) -> None:
        """End every connection at once, as a reboot of a router would."""
        for pid in self.sessions():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def new_host_key(self) -> None:
        """From the next start on it is another host, as far as its key tells."""
        for path in (self.host_key_file, self.host_key_file.with_suffix(".pub")):
            path.unlink()
        keygen(self.host_key_file)

    def close(self) -> None:
        """Nothing of it is left."""
        self.stop()
        self.cut()

    def _is_of(self, pid: int) -> bool:
        """Whether a process serves a connection to our port: its sockets are known by their inodes."""
        inodes = _inodes(self.port)
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if str(link.readlink()) in inodes:
                    return True
        return False

    def _configure(self) -> None:
        lines = {
            "ListenAddress": self.address,
            "Port": str(self.port),
            "HostKey": str(self.host_key_file),
            "PidFile": "none",
            "AuthorizedKeysFile": str(self.folder / "authorized_keys"),
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "UsePAM": "no",
            "StrictModes": "no",
            "UseDNS": "no",
            "PrintMotd": "no",
            "MaxStartups": "100",
            # Without effect where it is the account's home anyhow.
            "SetEnv": f"HOME={self.account.home}",
            **self._options,
        }
        text = "".join(f"{name} {value}\n" for name, value in lines.items())
        (self.folder / "sshd_config").write_text(text)


def keygen(path: Path) -> Path:
    """A new ed25519 key pair; the private half's path."""
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    return path


def own_account(home: Path) -> Account:
    """The one we run under, with this home."""
    found = pwd.getpwuid(os.geteuid())
    home.mkdir(mode=0o700)
    return Account(found.pw_name, home, found.pw_uid, found.pw_gid)


def new_account(name: str, home: Path, shell: str = "/bin/bash") -> Account:
    """An account without a password, for root to make; `UsePAM no` takes `*` for one that is not locked."""
    subprocess.run(["useradd", "--no-create-home", "--home-dir", str(home), "--shell", shell, name], check=True)
    subprocess.run(["usermod", "--password", "*", name], check=True)
    found = pwd.getpwnam(name)
    home.mkdir(mode=0o700)
    os.chown(home, found.pw_uid, found.pw_gid)
    return Account(name, home, found.pw_uid, found.pw_gid)


def remove_account(account: Account) -> None:
    """End what it runs, and forget it."""
    for pid in _pids():
        with suppress(OSError):
            if Path(f"/proc/{pid}").stat().st_uid == account.uid:
                os.kill(pid, signal.SIGKILL)
    subprocess.run(["userdel", "--force", account.name], check=False, capture_output=True)


def _found() -> str:
    for place in (shutil.which("sshd"), *_PLACES):
        if place and Path(place).exists():
            break
    else:
        raise SshdUnavailable("there is no sshd; on Debian: apt-get install openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return str(place)


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _inodes(port: int) -> set[str]:
    ours = f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if row[1].endswith(ours) and row[3] != "0A"}
