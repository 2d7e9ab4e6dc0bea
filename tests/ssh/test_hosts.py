"""Hosts of every temper: what they show, what they refuse, what is said about it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from runyard.adapters.supervised.ssh.hosts import ParamikoHosts
from runyard.application.ports.executor import HostUnreachable
from runyard.application.ports.ssh_hosts import HostKeyChanged, LookedOver, SshLoginRefused
from runyard.domain.runners.check import Verdict
from runyard.domain.runners.ssh import SshLogin, SshTarget
from tests.builders import host_key
from tests.contracts.ssh_hosts import SshHostsContract

from .conftest import MakeHost
from .far_yard import FarYard
from .sshd import Sshd, keygen


@pytest.fixture
def hosts() -> ParamikoHosts:
    return ParamikoHosts()


@pytest.fixture
def target(host: Sshd) -> SshTarget:
    return host.target()


@pytest.fixture(scope="module")
def nobody_there(make_host: MakeHost) -> SshTarget:
    sshd = make_host()
    sshd.stop()
    return sshd.target()


@pytest.fixture
def private(client_key: Path) -> str:
    return client_key.read_text()


class TestParamikoHosts(SshHostsContract):
    pass


def refusal(seen: LookedOver) -> tuple[str, str]:
    (finding,) = [each for each in seen.findings if each.verdict is Verdict.REFUSED]
    return finding.name, finding.told


def told(seen: LookedOver, name: str) -> str:
    (finding,) = [each for each in seen.findings if each.name == name]
    return f"{finding.verdict}: {finding.told}"


def test_nothing_of_ours_stays_after_a_look(host: Sshd, hosts: ParamikoHosts) -> None:
    hosts.look_over(host.target(work_root="~/looked"))

    assert list((host.account.home / "looked" / "check").iterdir()) == []


def test_f45_a_changed_host_key_is_refused_before_anything_is_said(make_host: MakeHost) -> None:
    sshd = make_host(LogLevel="DEBUG1")
    before = sshd.host_key
    with FarYard(sshd).another() as executor:
        executor.hello()
    sshd.stop()
    sshd.new_host_key()
    sshd.start()
    seen = len(sshd.log)
    with FarYard(sshd, host_keys=(before,)).another() as executor, pytest.raises(HostKeyChanged) as refused:
        executor.hello()

    assert before.fingerprint in str(refused.value)
    assert sshd.host_key.fingerprint in str(refused.value)
    assert "userauth-request" not in sshd.log[seen:]
    both = FarYard(sshd, host_keys=(before, sshd.host_key))
    with both.another() as executor:
        assert executor.hello().boot_id
    both.close()


def test_f46_a_host_that_nobody_pinned_is_refused(host: Sshd) -> None:
    with FarYard(host, host_keys=(host_key("stranger"),)).another() as executor, pytest.raises(HostKeyChanged):
        executor.hello()


def test_a_key_that_opens_nothing_is_told_apart_from_one_that_cannot_be_used(
    host: Sshd, ground: Path, tmp_path: Path, hosts: ParamikoHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = keygen(tmp_path / "stranger")
    open_to_all = keygen(tmp_path / "open")
    open_to_all.chmod(0o644)
    noise = tmp_path / "noise"
    noise.write_text("secret words of a file\n")
    noise.chmod(0o600)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    for login, said in (
        (SshLogin(key_file=str(stranger)), "does not let"),
        (SshLogin(key_file=str(open_to_all)), "chmod 600"),
        (SshLogin(key_file=str(noise)), "is no private key"),
        (SshLogin(key_file=str(ground / "none")), "cannot be read"),
        (SshLogin(agent=True), "no ssh-agent"),
    ):
        name, why = refusal(hosts.look_over(host.target(login=login)))
        assert (name, said in why, "secret words" in why) == ("login", True, False), why


def test_an_account_that_is_not_there_is_refused(host: Sshd) -> None:
    with FarYard(host, user="nobody-of-this-name").another() as executor, pytest.raises(SshLoginRefused):
        executor.hello()


def test_what_is_no_ssh_server_is_said_to_be_none(hosts: ParamikoHosts, host: Sshd) -> None:
    name, why = refusal(hosts.look_over(replace(host.target(), host="no-such-host.invalid")))

    assert (name, "no address" in why) == ("reachable", True)


NOISE = {
    "banners, colours and errors": "echo Welcome; echo oops >&2; printf '\\033[31mred\\033[0m'; false\n",
    "a line that looks like ours": 'echo \'{"state": "connected"}\'\n',
    "shell options": "set -v\nset -x\n",
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
def test_f56_a_login_shell_that_prints_is_heard_out(make_host: MakeHost, hosts: ParamikoHosts, noise: str) -> None:
    sshd = make_host()
    sshd.account.write(".bashrc", noise)
    yard = FarYard(sshd)
    with yard.another() as executor:
        assert executor.hello().boot_id
    yard.close()
    seen = hosts.look_over(yard.target)

    assert [each for each in seen.findings if each.verdict is Verdict.REFUSED] == []
    if "echo" in noise:
        assert told(seen, "shell").startswith("warning: the login shell prints before it obeys")


def test_f56_a_slow_login_shell_is_waited_for_and_told(make_host: MakeHost, hosts: ParamikoHosts) -> None:
    sshd = make_host()
    sshd.account.write(".bashrc", "sleep 2.2\n")

    assert "takes 2." in told(hosts.look_over(sshd.target()), "shell")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make accounts with another login shell")
@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/csh", "/usr/bin/fish", "/usr/bin/zsh"])
def test_f56_any_login_shell_will_do(make_host: MakeHost, hosts: ParamikoHosts, shell: str) -> None:
    if not Path(shell).exists():
        pytest.skip(f"there is no {shell} here")
    sshd = make_host(login_shell=shell)
    sshd.account.write(".cshrc", "set echo\n")
    seen = hosts.look_over(sshd.target())

    assert [each for each in seen.findings if each.verdict is Verdict.REFUSED] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make accounts with another login shell")
def test_f56_an_account_that_may_not_log_in_says_so_itself(make_host: MakeHost, hosts: ParamikoHosts) -> None:
    sshd = make_host(login_shell="/usr/sbin/nologin")

    assert "This account is currently not available" in refusal(hosts.look_over(sshd.target()))[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give an account a shell of its own")
@pytest.mark.parametrize(
    ("python", "said"), [("", "there is no python3"), ("echo Python 3.6.8; exit 1", "python3 there is 3.6.8")]
)
def test_f56_a_host_without_an_interpreter_is_told_what_to_install(
    make_host: MakeHost, hosts: ParamikoHosts, ground: Path, python: str, said: str
) -> None:
    """The account's shell lives in a root of its own, where there is no python3, or an old one."""
    shell = _cell(ground, python)
    sshd = make_host(login_shell=str(shell))
    name, why = refusal(hosts.look_over(sshd.target()))

    assert (name, said in why, "Runyard needs Python 3.8 or newer" in why, "install it" in why) == (
        "interpreter",
        True,
        True,
        True,
    ), why


def _cell(ground: Path, python: str) -> Path:
    """A login shell that sees no interpreter but this one: names with a folder are left out, PATH has one folder."""
    folder = ground / f"cell-{len(python)}"
    folder.mkdir()
    folder.chmod(0o755)
    if python:
        old = folder / "python3"
        old.write_text(f"#!/bin/sh\n{python}\n")
        old.chmod(0o755)
    shell = folder / "shell"
    hidden = "s#/usr/bin/python3##; s#/usr/local/bin/python3##; s#/opt/[a-z/]*python3##"
    shell.write_text(
        f'#!/bin/sh\ncommand=$(printf %s "$2" | /bin/sed \'{hidden}\')\nPATH={folder} exec /bin/sh -c "$command"\n'
    )
    shell.chmod(0o755)
    return shell


def test_f56_a_restricted_path_does_not_hide_the_interpreter(make_host: MakeHost, hosts: ParamikoHosts) -> None:
    sshd = make_host()
    sshd.account.write(".bashrc", "export PATH=/nowhere\n")
    seen = hosts.look_over(sshd.target())

    assert [each for each in seen.findings if each.verdict is Verdict.REFUSED] == []


def test_a_work_root_that_cannot_be_written_is_refused(make_host: MakeHost, hosts: ParamikoHosts) -> None:
    sshd = make_host()
    name, why = refusal(hosts.look_over(sshd.target(work_root="/proc/nowhere")))

    assert (name, "/proc/nowhere cannot be written" in why) == ("work_root", True)
    with (
        pytest.raises(HostUnreachable, match="no supervisor can be had"),
        FarYard(sshd, work_root="/proc/nowhere").another() as executor,
    ):
        executor.hello()


def test_sessions_are_counted_while_all_of_them_are_open(make_host: MakeHost, hosts: ParamikoHosts) -> None:
    assert "allows 4 sessions" in told(hosts.look_over(make_host(MaxSessions="4").target()), "sessions")


def test_f47_a_server_that_allows_one_session_is_enough(make_host: MakeHost, hosts: ParamikoHosts) -> None:
    sshd = make_host(MaxSessions="1")
    yard = FarYard(sshd)
    with yard.another() as executor:
        assert executor.hello().boot_id
        assert "allows 1 sessions" in told(hosts.look_over(yard.target), "sessions")
    yard.close()
