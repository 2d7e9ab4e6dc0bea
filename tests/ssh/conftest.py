"""Hosts to reach, each an sshd and an account; skipped loudly where there can be none."""

import os
import pwd
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .sshd import Account, Sshd, SshdUnavailable, keygen, new_account, own_account, remove_account

MakeHost = Callable[..., Sshd]


@pytest.fixture(scope="session")
def ground() -> Iterator[Path]:
    """A folder that other accounts can walk to, short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="runyard-ssh-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def client_key(ground: Path) -> Path:
    """What we log in with."""
    try:
        return keygen(ground / "client_key")
    except FileNotFoundError:
        pytest.skip("there is no ssh-keygen; on Debian: apt-get install openssh-server")


@pytest.fixture(scope="session")
def accounts(ground: Path) -> Iterator[Callable[[str], Account]]:
    """Accounts of their own, with the login shell that is asked for; only root can make them."""
    with ExitStack() as stack:

        def account(shell: str = "/bin/bash") -> Account:
            name = f"ry{secrets.token_hex(4)}"
            if os.geteuid() != 0:
                if shell != "/bin/bash":
                    pytest.skip("only root can make an account with another login shell")
                own_shell = pwd.getpwuid(os.geteuid()).pw_shell
                if Path(own_shell).name in {"nologin", "false"}:
                    pytest.skip(f"nobody can log in to the account of the tests: its login shell is {own_shell}")
                return own_account(ground / name)
            made = new_account(name, ground / name, shell)
            stack.callback(remove_account, made)
            return made

        yield account


@pytest.fixture(scope="session")
def make_host(ground: Path, client_key: Path, accounts: Callable[[str], Account]) -> Iterator[MakeHost]:
    """A host of its own: `login_shell` is its account's, the rest are options of its sshd."""
    with ExitStack() as stack:

        def host(*, login_shell: str = "/bin/bash", **options: str) -> Sshd:
            account = accounts(login_shell)
            try:
                sshd = Sshd(ground / f"sshd-{secrets.token_hex(4)}", account, client_key, **options)
                sshd.start()
            except SshdUnavailable as reason:
                pytest.skip(f"OpenSSH cannot run here: {reason}")
            stack.callback(sshd.close)
            return sshd

        yield host


@pytest.fixture(scope="module")
def host(make_host: MakeHost) -> Sshd:
    """One for the tests of a module."""
    return make_host()
