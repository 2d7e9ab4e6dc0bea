"""That what machines do by their own tokens, and what is refused to them, is told, whatever breaks, on any store."""

from typing import Any

import pytest

from runyard.adapters.memory.clock import ManualClock
from runyard.application.ports.work import StoreUnavailable
from runyard.application.runners.add_agent import AddAgentCommand
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.authenticate_agent import AuthenticateAgentCommand, RunnerActor
from runyard.application.runners.exchange_pass import ExchangePassCommand
from runyard.application.runners.get_runner import GetRunnerCommand
from runyard.application.runners.invite_agent import InviteAgentCommand
from runyard.application.runners.revoke_agent import RevokeAgentCommand
from runyard.domain.audit.entry import AuditEntry, AuditOutcome
from runyard.domain.errors import RunyardError
from runyard.domain.runners.agent import MachineFacts
from runyard.domain.runners.errors import RunnerDrivenElsewhere
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.passes import PassKind, PassRefused
from tests.proofs.stores import Breaking
from tests.unit.application.yard import UseCases

from .audit import found
from .audited import guarded
from .stores import Store

HERE, THERE = "203.0.113.1", "203.0.113.2"


class Machines(UseCases):
    """With an agent that somebody made, and its ticket."""

    def __init__(self, store: Any) -> None:
        super().__init__(store, ManualClock())
        made = guarded(self, self.add_agent).execute(AddAgentCommand(name="box"))
        self.id, self.ticket = made.runner.runner.id, made.text.revealed

    def shown(self, text: str, address: str = HERE) -> RunnerActor:
        kind = PassKind.JOIN if text.startswith("ryj") else PassKind.RUNNER
        asked = AuthenticateAgentCommand(presented=text, kind=kind, address=address)
        return self.authenticate_agent.execute(asked)

    def registers(self, ticket: str, machine: str = "one", address: str = HERE) -> str:
        facts = MachineFacts(system="Linux", hostname=machine)
        asked = ExchangePassCommand(by=self.shown(ticket, address), facts=facts)
        return self.register_agent.execute(asked).text.revealed

    def rotates(self, token: str) -> str:
        return self.rotate_agent.execute(ExchangePassCommand(by=self.shown(token))).text.revealed

    def opens(self, token: str, driver: str, machine: str = "one") -> None:
        facts = MachineFacts(system="Linux", hostname=machine)
        command = AdoptRunnerCommand(runner_id=self.id, driver_id=DriverId(driver), facts=facts, by=self.shown(token))
        self.open_session.execute(command)

    def invited(self) -> str:
        return str(guarded(self, self.invite_agent).execute(InviteAgentCommand(runner="box")).text.revealed)

    @property
    def alarm(self) -> str | None:
        side = self.get_runner.execute(GetRunnerCommand(runner="box")).runner.agent
        return side.alarm.why if side and side.alarm else None


class AgentsAuditedContract:
    """For any `store`."""

    @pytest.fixture
    def breaking(self, store: Store) -> Breaking:
        return Breaking(store)

    @pytest.fixture
    def machines(self, breaking: Breaking) -> Machines:
        return Machines(breaking)

    def test_a_machine_that_registers_and_exchanges_its_token_is_told_as_itself(self, store, machines):
        first = machines.registers(machines.ticket)
        second = machines.rotates(first)
        machines.shown(second)

        rotated, registered, added = found(store)
        ticket, one, two = (f"token {text[4:20]}" for text in (machines.ticket, first, second))
        assert [each.action for each in (added, registered, rotated)] == ["add_agent", "register_agent", "rotate_agent"]
        assert str(added.after[ticket]).startswith("to register with until ")
        assert registered.after[ticket] == f"exchanged for {first[4:20]}"
        assert str(registered.after[one]).startswith("until ")
        assert registered.after["machine"] == "one"
        assert rotated.before == {one: registered.after[one]}
        assert rotated.after == {one: f"exchanged for {second[4:20]}", two: rotated.after[two]}
        assert who(registered) == ("box", "runner", machines.ticket[4:20], HERE)
        assert who(rotated) == ("box", "runner", first[4:20], HERE)
        assert {(each.subject.name, each.project, each.outcome) for each in (registered, rotated)} == {
            ("box", "default", "done")
        }
        assert_no_secret(found(store), machines.ticket, first, second)

    @pytest.mark.parametrize(("moment", "there"), [("before", False), ("after", True)])
    def test_what_breaks_at_the_commit_of_a_registration_has_both_or_neither(
        self, store, breaking, machines, moment, there
    ):
        joining = machines.shown(machines.ticket)
        breaking.breaks = moment
        with pytest.raises(StoreUnavailable):
            machines.register_agent.execute(ExchangePassCommand(by=joining))

        with store.read() as reading:
            assert (len(reading.passes.of(machines.id)) == 2) is there
        assert [each.action for each in found(store, action="register_agent")] == ["register_agent"] * there

    @pytest.mark.parametrize(("moment", "there"), [("before", False), ("after", True)])
    def test_an_alarm_and_its_entry_are_one_transaction(self, store, breaking, machines, moment, there):
        machines.shown(machines.registers(machines.ticket))
        breaking.breaks = moment
        with pytest.raises(StoreUnavailable):
            machines.shown(machines.ticket, THERE)

        assert (machines.alarm is not None) is there
        told = found(store, outcome=AuditOutcome.REFUSED)
        assert [(each.action, each.reason, each.address) for each in told] == [
            ("authenticate_agent", "used_token", THERE)
        ] * there

    def test_a_revoked_token_is_refused_told_and_alarming(self, store, machines):
        token = machines.registers(machines.ticket)
        machines.shown(token)
        guarded(machines, machines.revoke_agent).execute(RevokeAgentCommand(runner="box"))
        with pytest.raises(PassRefused, match="was revoked"):
            machines.shown(token, THERE)

        refused, revoked, *_ = found(store)
        assert revoked.after == {f"token {token[4:20]}": "revoked"}
        assert (refused.outcome, refused.reason, refused.subject.name) == ("refused", "revoked_token", "box")
        assert who(refused) == ("box", "runner", token[4:20], THERE)
        assert "was revoked" in (machines.alarm or "")
        assert refused.after == {"alarm": machines.alarm}
        assert_no_secret(found(store), token)

    def test_a_revoked_token_is_known_even_after_another_machine_has_come(self, store, machines):
        old = machines.registers(machines.ticket)
        machines.shown(old)
        guarded(machines, machines.revoke_agent).execute(RevokeAgentCommand(runner="box"))
        machines.shown(machines.registers(machines.invited(), "two"))
        with pytest.raises(PassRefused, match="was revoked"):
            machines.shown(old)

        assert found(store)[0].reason == "revoked_token"

    def test_a_machine_that_takes_the_place_of_another_is_told_when_it_ends_the_tokens_of_that(self, store, machines):
        old = machines.registers(machines.ticket, "one")
        machines.shown(old)
        new = machines.registers(machines.invited(), "two", THERE)
        machines.shown(new, THERE)

        ended, registered, *_ = found(store)
        assert (registered.before["machine"], registered.after["machine"]) == ("one", "two")
        assert (ended.action, ended.after) == ("authenticate_agent", {f"token {old[4:20]}": "revoked"})
        assert who(ended) == ("box", "runner", new[4:20], THERE)

    def test_a_session_is_told_if_it_is_of_another_machine_or_refused(self, store, machines):
        token = machines.registers(machines.ticket)
        machines.opens(token, "mine")
        machines.opens(token, "mine")
        assert found(store, action="open_session") == []

        for _ in range(2):
            with pytest.raises(RunnerDrivenElsewhere):
                machines.opens(token, "copy", "two")
        machines.opens(token, "mine", "two")

        moved, again, refused = found(store, action="open_session")
        assert (again.reason, again.after, who(again)) == (refused.reason, {}, who(refused)), "no second alarm so soon"
        assert (refused.outcome, refused.reason) == ("refused", "runner_driven_elsewhere")
        assert refused.after == {"alarm": machines.alarm}
        assert (moved.outcome, moved.before, moved.after) == ("done", {"machine": "one"}, {"machine": "two"})
        assert who(refused) == who(moved) == ("box", "runner", token[4:20], HERE)

    def test_a_token_that_nobody_knows_is_told_without_anything_of_it(self, store, machines):
        with pytest.raises(PassRefused):
            machines.shown("ryr_" + "a" * 65, THERE)
        with pytest.raises(RunyardError):
            machines.shown("hunter2 hunter2", THERE)

        assert [(who(each), each.reason, each.subject.name) for each in found(store, outcome=AuditOutcome.REFUSED)] == [
            ((None, None, None, THERE), "unknown_token", None)
        ] * 2
        assert "hunter2" not in repr(found(store))


def who(entry: AuditEntry) -> tuple[str | None, str | None, str | None, str]:
    return entry.doer.name, entry.doer.kind, entry.doer.token, entry.address


def assert_no_secret(entries: list[AuditEntry], *texts: str) -> None:
    assert [text for text in texts if text[21:] in repr(entries)] == []
