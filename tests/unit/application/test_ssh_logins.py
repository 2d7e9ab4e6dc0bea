"""What is kept to log in at hosts: sealed, opened for a look or a driver, and shown to nobody."""

import pytest

from runyard.application.ports.ssh_hosts import SshLoginRefused
from runyard.application.runners.add_runner import AddRunner, AddRunnerCommand
from runyard.application.runners.check_runner import CheckRunnerCommand
from runyard.application.runners.edit_runner import EditRunner, EditRunnerCommand, TargetEdit
from runyard.application.runners.keeping import KeptLogins
from runyard.application.runners.open_login import OpenLogin, OpenLoginCommand
from runyard.application.runners.remove_runner import RemoveRunnerCommand
from runyard.application.secrets.rotate_key import RotateKey, RotateKeyCommand
from runyard.domain.runners.errors import InvalidRunner
from runyard.domain.runners.logins import KeptKind, KeptLogin, LoginSecret, login_place
from runyard.domain.runners.runner import Runner
from runyard.domain.runners.ssh import SshLogin
from tests.builders import a_target, host_key
from tests.unit.application.yard import MemoryYard

WORD = "PRIVATE"  # what has the form of a key is in no file of ours
PRIVATE = f"-----BEGIN {WORD} KEY----- correct horse"


def kept(kind: KeptKind = KeptKind.KEY) -> SshLogin:
    return SshLogin(kept=KeptLogin(kind=kind))


def a_key(text: str = PRIVATE) -> LoginSecret:
    return LoginSecret(KeptKind.KEY, text)


def a_password(text: str = "battery staple") -> LoginSecret:
    return LoginSecret(KeptKind.PASSWORD, text)


def add(yard: MemoryYard, secret: LoginSecret, **more) -> Runner:
    target = a_target(login=kept(secret.kind))
    return yard.add_runner.execute(AddRunnerCommand(name="far", target=target, secret=secret, **more)).runner


def edit(yard: MemoryYard, target: TargetEdit, secret: LoginSecret | None = None) -> Runner:
    return yard.edit_runner.execute(EditRunnerCommand(runner="far", target=target, secret=secret)).runner


def opened(yard: MemoryYard, runner: Runner) -> LoginSecret | None:
    assert runner.ssh is not None
    command = OpenLoginCommand(runner_id=runner.id, target=runner.ssh)
    return OpenLogin(yard.store.read, yard.logins).execute(command)


@pytest.fixture
def lax(yard: MemoryYard) -> MemoryYard:
    """Where passwords are allowed."""
    yard.logins = KeptLogins(yard.sealer, yard.hosts, passwords=True)
    yard.add_runner = AddRunner(yard.store.begin, yard.identifiers, yard.hosts, yard.logins)
    yard.edit_runner = EditRunner(yard.store.begin, yard.rings, yard.logins)
    return yard


def test_a_key_is_kept_under_its_fingerprint_and_opened_for_who_logs_in(yard: MemoryYard) -> None:
    runner = add(yard, a_key())

    assert runner.ssh is not None
    assert runner.ssh.login.kept is not None
    assert runner.ssh.login.kept.fingerprint == yard.hosts.fingerprint(a_key())
    assert opened(yard, runner) == a_key()
    checked = yard.check_runner.execute(CheckRunnerCommand(runner="far")).runner.checked
    assert checked is not None
    assert checked.fit


def test_it_is_never_printed() -> None:
    command = AddRunnerCommand(name="far", target=a_target(login=kept()), secret=a_key())

    assert "correct horse" not in f"{a_key()} {a_key()!r} {command} {command!r}"


def test_a_new_key_takes_the_place_of_the_old_one_and_another_way_to_log_in_of_both(yard: MemoryYard) -> None:
    add(yard, a_key())
    again = edit(yard, TargetEdit(login=kept()), a_key(PRIVATE + " again"))
    assert again.ssh is not None
    assert again.ssh.login.kept is not None
    assert (again.ssh.login.kept.version, opened(yard, again)) == (2, a_key(PRIVATE + " again"))

    moved = edit(yard, TargetEdit(port=2222))
    assert opened(yard, moved) == a_key(PRIVATE + " again")
    by_agent = edit(yard, TargetEdit(login=SshLogin(agent=True)))
    assert opened(yard, by_agent) is None
    assert sealed_values(yard) == 0


def sealed_values(yard: MemoryYard) -> int:
    with yard.store.read() as reading:
        return sum(reading.sealed.count().values())


def test_what_is_no_key_is_refused_and_nothing_is_kept(yard: MemoryYard) -> None:
    with pytest.raises(InvalidRunner, match="/key/private") as refused:
        add(yard, a_key("correct horse"))

    assert "correct" not in str(refused.value)
    assert sealed_values(yard) == 0
    for text in ("", "x" * (32 * 1024 + 1), "a\0b", "\ud800"):
        with pytest.raises(InvalidRunner, match="/key/private"):
            a_key(text)


def test_a_removed_runner_leaves_nothing_behind(yard: MemoryYard) -> None:
    add(yard, a_key())
    yard.remove_runner.execute(RemoveRunnerCommand(runner="far"))

    assert sealed_values(yard) == 0


def test_a_rotation_of_the_key_reaches_logins_too(yard: MemoryYard) -> None:
    runner = add(yard, a_key())
    done = RotateKey(yard.store.begin, yard.sealer).execute(RotateKeyCommand(renew=True))
    yard.sealer.forget("key-1")

    assert (done.resealed, opened(yard, runner)) == (1, a_key())
    yard.sealer.forget("key-2")
    with pytest.raises(SshLoginRefused, match="cannot be opened"):
        opened(yard, runner)
    checked = yard.check_runner.execute(CheckRunnerCommand(runner="far")).runner.checked
    assert checked is not None
    assert "cannot be opened" in checked.refusals


def test_a_login_that_is_gone_is_told(yard: MemoryYard) -> None:
    runner = add(yard, a_key())
    with yard.store.begin() as work:
        work.sealed.remove([login_place(runner.id)])
        work.commit()

    with pytest.raises(SshLoginRefused, match="give it again"):
        opened(yard, runner)


def test_passwords_are_refused_unless_they_are_allowed(yard: MemoryYard) -> None:
    with pytest.raises(InvalidRunner, match="RUNYARD_SSH_PASSWORDS"):
        add(yard, a_password())
    add(yard, a_key())
    with pytest.raises(InvalidRunner, match="RUNYARD_SSH_PASSWORDS"):
        edit(yard, TargetEdit(login=kept(KeptKind.PASSWORD)), a_password())


def test_a_password_is_used_as_long_as_passwords_are_allowed(lax: MemoryYard) -> None:
    runner = add(lax, a_password())
    assert opened(lax, runner) == a_password()

    lax.logins = KeptLogins(lax.sealer, lax.hosts)
    with pytest.raises(SshLoginRefused, match="RUNYARD_SSH_PASSWORDS"):
        opened(lax, runner)


@pytest.mark.parametrize(
    "elsewhere", [TargetEdit(host="evil"), TargetEdit(port=23), TargetEdit(host_keys=(host_key("evil"),))]
)
def test_a_password_is_never_shown_to_another_host_than_it_was_given_for(lax: MemoryYard, elsewhere) -> None:
    add(lax, a_password())
    with pytest.raises(InvalidRunner, match="give the password again"):
        edit(lax, elsewhere)

    assert edit(lax, TargetEdit(user="somebody")).revision == 2
    changes = {name: getattr(elsewhere, name) for name in ("host", "port", "host_keys")}
    with_it = TargetEdit(**changes, login=kept(KeptKind.PASSWORD))
    assert opened(lax, edit(lax, with_it, a_password("another one"))) == a_password("another one")
