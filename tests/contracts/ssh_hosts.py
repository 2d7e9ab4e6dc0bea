"""What whoever looks at hosts must do; bind it with the fixtures `hosts`, `target`, `nobody_there` and `private`."""

from dataclasses import replace

import pytest

from runyard.application.ports.executor import HostUnreachable
from runyard.application.ports.ssh_hosts import SshHosts
from runyard.domain.runners.check import Verdict
from runyard.domain.runners.errors import InvalidRunner
from runyard.domain.runners.logins import KeptKind, KeptLogin, LoginSecret
from runyard.domain.runners.ssh import SshLogin, SshTarget

from ..builders import host_key


class SshHostsContract:
    """The promises of the port `SshHosts`; `target` is well, at `nobody_there` nobody is, `private` opens `target`."""

    def test_a_host_shows_its_key(self, hosts: SshHosts, target: SshTarget):
        assert hosts.shown_key(target.host, target.port) in target.host_keys

    def test_where_nobody_is_nobody_shows_a_key(self, hosts: SshHosts, nobody_there: SshTarget):
        with pytest.raises(HostUnreachable):
            hosts.shown_key(nobody_there.host, nobody_there.port)

    def test_a_host_that_is_well_is_looked_over_whole(self, hosts: SshHosts, target: SshTarget):
        seen = hosts.look_over(target)

        assert [each.told for each in seen.findings if each.verdict is Verdict.REFUSED] == []
        assert {"reachable", "host_key", "login", "interpreter", "work_root", "disk", "containment", "sessions"} <= {
            each.name for each in seen.findings
        }
        assert seen.cores

    def test_where_nobody_is_that_is_the_finding(self, hosts: SshHosts, nobody_there: SshTarget):
        (finding,) = hosts.look_over(nobody_there).findings

        assert (finding.name, finding.verdict) == ("reachable", Verdict.REFUSED)

    def test_another_key_is_refused_and_both_are_named(self, hosts: SshHosts, target: SshTarget):
        (finding,) = hosts.look_over(replace(target, host_keys=(host_key("other"),))).findings

        assert (finding.name, finding.verdict) == ("host_key", Verdict.REFUSED)
        assert host_key("other").fingerprint in finding.told
        assert target.host_keys[0].fingerprint in finding.told

    def test_a_key_that_is_kept_opens_as_well_and_without_it_nothing_does(
        self, hosts: SshHosts, target: SshTarget, private: str
    ):
        secret = LoginSecret(KeptKind.KEY, private)
        kept = KeptLogin(kind=KeptKind.KEY, fingerprint=hosts.fingerprint(secret))
        by_it = replace(target, login=SshLogin(kept=kept))

        assert hosts.look_over(by_it, secret).cores
        name = [each.name for each in hosts.look_over(by_it).findings if each.verdict is Verdict.REFUSED]
        assert name == ["login"]

    def test_a_key_is_known_by_its_fingerprint_and_what_is_none_is_refused(self, hosts: SshHosts, private: str):
        assert hosts.fingerprint(LoginSecret(KeptKind.KEY, private)).startswith("ssh-ed25519 SHA256:")
        for text in ("secret words of a file", private[: len(private) // 2].replace("PRIVATE", "") + "secret words"):
            with pytest.raises(InvalidRunner, match="/key/private") as refused:
                hosts.fingerprint(LoginSecret(KeptKind.KEY, text))
            assert "secret words" not in str(refused.value)
