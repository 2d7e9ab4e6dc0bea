import pytest

from runyard.domain.runners.check import Finding, HostCheck, Verdict, judged
from runyard.domain.runners.errors import DriverLost, InvalidRunner
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import Runner, RunnerKind
from runyard.domain.runners.ssh import HostKey, SshLogin
from runyard.domain.runners.trouble import Trouble
from tests.builders import NOON, a_runner, a_target, host_facts, host_key


def a_far_runner(**values) -> Runner:
    return a_runner(kind=RunnerKind.SSH, ssh=a_target(), **values)


def test_a_host_key_is_read_as_it_stands_in_files() -> None:
    key = host_key()
    line = f"{key.type} {key.data}"

    assert HostKey.parse(line) == HostKey.parse(f"far,10.0.0.1 {line}") == HostKey.parse(f"  {line} root@far\n") == key
    assert key.fingerprint.startswith("SHA256:")
    assert str(key) == f"ssh-ed25519 {key.fingerprint}"


@pytest.mark.parametrize(
    "text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 !!!!", "ssh-rsa {data}", "{data}"]
)
def test_what_is_no_host_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no public key"):
        HostKey.parse(text.format(data=host_key().data))


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"host": "-oProxyCommand=x"}, "/host"),
        ({"host": "a b"}, "/host"),
        ({"host": ""}, "/host"),
        ({"port": 0}, "/port"),
        ({"port": 65_536}, "/port"),
        ({"user": "-l"}, "/user"),
        ({"user": "a b"}, "/user"),
        ({"login": SshLogin()}, "/key"),
        ({"login": SshLogin(key_file="/k", agent=True)}, "/key"),
        ({"login": SshLogin(key_file="k")}, "/key/file"),
        ({"login": SshLogin(key_file="/k\0")}, "/key/file"),
        ({"host_keys": ()}, "/host_keys"),
        ({"host_keys": (host_key(),) * 9}, "/host_keys"),
        ({"work_root": "runyard"}, "/work_root"),
        ({"work_root": "/" + "x" * 300}, "/work_root"),
    ],
)
def test_what_a_target_cannot_be_is_named(values, pointer: str) -> None:
    with pytest.raises(InvalidRunner) as refused:
        a_target(**values)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


@pytest.mark.parametrize("host", ["far", "far.example.org", "10.0.0.1", "::1", "fe80::1%eth0"])
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert a_target(host=host).host == host


def test_a_runner_that_moved_is_looked_at_anew() -> None:
    check = HostCheck(NOON, (Finding("login", Verdict.OK, "in"),))
    runner = a_far_runner(trouble=Trouble("away", NOON), checked=check)
    moved = runner.edited(runner.settings, target=a_target(host="farther"))

    assert (moved.ssh, moved.trouble, moved.checked, moved.revision) == (a_target(host="farther"), None, None, 2)
    assert runner.edited(runner.settings, target=a_target()) is runner


def test_a_runner_that_is_not_reached_by_ssh_cannot_move() -> None:
    with pytest.raises(InvalidRunner):
        a_runner().edited(a_runner().settings, target=a_target())


def test_trouble_lasts_from_the_first_time_to_the_next_heartbeat() -> None:
    driven = a_far_runner().taken_over(DriverId("d"), now=NOON)
    left = driven.given_up(1, now=NOON, trouble="no route")
    again = left.taken_over(DriverId("d"), now=NOON)
    worse = again.given_up(2, now=NOON.replace(hour=13), trouble="still no route")

    assert worse.trouble == Trouble("still no route", NOON)
    assert not again.reached(NOON)
    soon = NOON.replace(second=1)
    assert again.heard_from(2, now=soon).reached(soon)
    with pytest.raises(DriverLost):
        worse.given_up(1, now=NOON, trouble="late")


def test_what_a_host_refused_is_forgotten_when_its_driver_leaves() -> None:
    full = a_far_runner().taken_over(DriverId("d"), now=NOON).refusing("3 MiB are free", now=NOON)

    assert full.heard_from(1, now=NOON).refuses == Trouble("3 MiB are free", NOON)
    assert full.given_up(1, now=NOON).refuses is None


def test_a_check_that_finds_nothing_amiss_ends_trouble() -> None:
    runner = a_far_runner(trouble=Trouble("away", NOON))
    good, bad = (HostCheck(NOON, (Finding("login", verdict, "told"),)) for verdict in (Verdict.OK, Verdict.REFUSED))

    assert runner.looked_over(good).trouble is None
    assert runner.looked_over(bad).trouble == runner.trouble
    assert (good.fit, bad.fit, bad.refusals) == (True, False, "told")


def test_a_driven_ssh_runner_is_removed_when_nothing_lives_there() -> None:
    driven = a_far_runner().taken_over(DriverId("d"), now=NOON)

    assert driven.removable(busy=0, now=NOON) is driven


def verdicts(**facts) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in judged(host_facts(**facts))}


def test_a_host_that_is_well_has_nothing_but_good_findings() -> None:
    assert set(verdicts().values()) == {Verdict.OK}
    assert set(verdicts()) == {"interpreter", "work_root", "disk", "containment", "sessions", "shell", "clock"}


@pytest.mark.parametrize(
    ("facts", "name", "verdict"),
    [
        ({"work_root_error": "Read-only file system"}, "work_root", Verdict.REFUSED),
        ({"free_bytes": 1 << 20}, "disk", Verdict.WARNING),
        ({"containment": "subreaper"}, "containment", Verdict.WARNING),
        ({"shell_seconds": 9.0}, "shell", Verdict.WARNING),
        ({"noise": b"Welcome!\n"}, "shell", Verdict.WARNING),
        ({"seconds_ahead": -3600.0}, "clock", Verdict.WARNING),
        ({"ends_processes": True}, "logout", Verdict.WARNING),
    ],
)
def test_what_is_not_well_is_told(facts, name: str, verdict: Verdict) -> None:
    found = verdicts(**facts)

    assert found[name] is verdict
    assert {each for other, each in found.items() if other != name} == {Verdict.OK}
