"""Agents: invited, registered, rotated, revoked; and what becomes of copies of their tokens."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.jobs.explain_job import ExplainJob, ExplainJobCommand
from runyard.application.jobs.follow_attempts import FollowAttemptsCommand
from runyard.application.ports.rings import about_runner
from runyard.application.runners.add_agent import AddAgentCommand
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.authenticate_agent import AuthenticateAgentCommand, RunnerActor
from runyard.application.runners.cordon_runner import CordonRunnerCommand
from runyard.application.runners.exchange_pass import ExchangePassCommand
from runyard.application.runners.get_runner import GetRunnerCommand
from runyard.application.runners.hear_agent import AgentHeard, HearAgentCommand
from runyard.application.runners.invite_agent import InviteAgentCommand
from runyard.application.runners.pause_runner import PauseRunnerCommand
from runyard.application.runners.remove_runner import RemoveRunnerCommand
from runyard.application.runners.revoke_agent import RevokeAgentCommand
from runyard.application.runners.status import RunnerStatus
from runyard.application.runners.uncordon_runner import UncordonRunnerCommand
from runyard.domain.accounts.tokens import parsed
from runyard.domain.audit.entry import AuditFilter, AuditOutcome
from runyard.domain.ends import End
from runyard.domain.jobs.lanes import Placement
from runyard.domain.runners.agent import LEASE, MachineFacts, Room
from runyard.domain.runners.errors import DriverLost, InvalidRunner, RunnerDrivenElsewhere
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.passes import GRACE, PassKind, PassRefused

from .yard import HELLO, MemoryYard

FACTS = MachineFacts(system="Linux", cpus=4)


class Agents(MemoryYard):
    """A yard with an agent that waits for its machine."""

    def __init__(self) -> None:
        super().__init__()
        self.invitation = self.add_agent.execute(AddAgentCommand(name="box", slots=3, labels={"zone": "b"}))
        self.ticket = self.invitation.text.revealed

    def shown(self, text: str, kind: PassKind = PassKind.RUNNER) -> RunnerActor:
        return self.authenticate_agent.execute(AuthenticateAgentCommand(presented=text, kind=kind))

    def register(self, ticket: str | None = None) -> str:
        joining = self.shown(ticket or self.ticket, PassKind.JOIN)
        return self.register_agent.execute(ExchangePassCommand(by=joining, facts=FACTS)).text.revealed

    def rotate(self, token: str) -> str:
        return self.rotate_agent.execute(ExchangePassCommand(by=self.shown(token))).text.revealed

    def box(self) -> RunnerStatus:
        return self.get_runner.execute(GetRunnerCommand(runner="box"))

    @property
    def alarm(self) -> str | None:
        side = self.box().runner.agent
        return side.alarm.why if side and side.alarm else None


@pytest.fixture
def agents() -> Agents:
    return Agents()


def test_a_machine_registers_once_and_comes_with_a_token_of_its_own(agents: Agents) -> None:
    token = agents.register()

    assert token.startswith("ryr_")
    assert agents.shown(token).runner_id == agents.invitation.runner.runner.id
    side = agents.box().runner.agent
    assert side is not None
    assert (side.registered_at, side.facts) == (agents.clock.now(), FACTS)
    with pytest.raises(PassRefused, match="was used"):
        agents.register()


def test_an_answer_to_registering_that_was_lost_is_asked_for_again(agents: Agents) -> None:
    lost = agents.register()
    token = agents.register()

    assert agents.shown(token)
    with pytest.raises(PassRefused):
        agents.shown(lost)
    assert agents.alarm is None


def test_a_token_stays_good_until_the_next_one_is_used_so_lost_answers_lock_nobody_out(agents: Agents) -> None:
    token = agents.register()
    for _ in range(5):
        agents.rotate(token)
        agents.clock.advance(60)

    newest = agents.rotate(token)
    assert agents.shown(newest)
    agents.clock.advance(GRACE.total_seconds() - 1)
    assert agents.shown(token), "requests may be under way"
    assert agents.alarm is None


def test_a_replaced_token_opens_nothing_and_raises_an_alarm(agents: Agents) -> None:
    token = agents.register()
    newer = agents.rotate(token)
    agents.shown(newer)
    agents.clock.advance(GRACE.total_seconds())

    with pytest.raises(PassRefused, match="replaced by a newer one"):
        agents.shown(token)

    assert "copied" in (agents.alarm or "")
    assert agents.shown(newer), "what the alarm is for people decide"


def test_whoever_shows_a_dead_token_again_and_again_is_told_twice_a_minute_at_most_and_counted(agents: Agents) -> None:
    token = agents.register()
    agents.shown(agents.rotate(token))
    agents.clock.advance(GRACE.total_seconds())
    for _ in range(60):
        with pytest.raises(PassRefused):
            agents.shown(token)
        agents.clock.advance(3)

    with agents.store.read() as reading:
        told = reading.audit.page(AuditFilter(outcome=AuditOutcome.REFUSED), after=None, limit=200).items
    alarms = [entry for entry in told if "alarm" in entry.after]
    left_out = sum(int(str(entry.after.get("left_out", 0))) for entry in told)
    assert {(entry.action, entry.reason, entry.subject.name) for entry in told} == {
        ("authenticate_agent", "replaced_token", "box")
    }
    assert (len(alarms), len(told) - len(alarms)) == (3, 5)
    assert 60 - 20 < len(told) + left_out <= 60


def test_a_token_whose_successor_is_used_cannot_be_exchanged_even_while_it_is_good(agents: Agents) -> None:
    token = agents.register()
    agents.shown(agents.rotate(token))

    with pytest.raises(PassRefused):
        agents.rotate(token)


def test_whoever_registers_with_a_ticket_somebody_used_raises_an_alarm(agents: Agents) -> None:
    agents.shown(agents.register())

    with pytest.raises(PassRefused):
        agents.register()
    assert "registration token" in (agents.alarm or "")

    agents.shown(agents.register(agents.invite_agent.execute(InviteAgentCommand(runner="box")).text.revealed))
    assert agents.alarm is None, "who registers anew has been looked at"


def test_another_machine_takes_the_place_of_the_last_when_it_first_comes(agents: Agents) -> None:
    old = agents.register()
    agents.shown(old)
    ticket = agents.invite_agent.execute(InviteAgentCommand(runner="box")).text.revealed
    new = agents.register(ticket)
    assert agents.shown(old), "until then the last one goes on"

    agents.shown(new)

    with pytest.raises(PassRefused, match="was revoked"):
        agents.shown(old)


def test_a_new_ticket_makes_those_before_void(agents: Agents) -> None:
    agents.invite_agent.execute(InviteAgentCommand(runner="box"))

    with pytest.raises(PassRefused, match="was revoked"):
        agents.register()


def test_tickets_expire(agents: Agents) -> None:
    agents.clock.advance(3600)

    with pytest.raises(PassRefused, match="has expired"):
        agents.register()
    with pytest.raises(InvalidRunner, match="/expires_in"):
        agents.invite_agent.execute(InviteAgentCommand(runner="box", life=timedelta(days=31)))


def test_revoked_tokens_open_nothing(agents: Agents) -> None:
    token = agents.register()
    assert agents.revoke_agent.execute(RevokeAgentCommand(runner="box")) == 2

    for text, kind in ((token, PassKind.RUNNER), (agents.ticket, PassKind.JOIN)):
        with pytest.raises(PassRefused, match="was revoked"):
            agents.shown(text, kind)
    assert "was revoked" in (agents.alarm or "")


def test_runners_of_other_kinds_have_no_tokens(agents: Agents) -> None:
    with pytest.raises(InvalidRunner, match="only agents"):
        agents.invite_agent.execute(InviteAgentCommand(runner="here"))
    with pytest.raises(InvalidRunner, match="only agents"):
        agents.revoke_agent.execute(RevokeAgentCommand(runner="here"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nonsense", "no runner token"),
        ("ryu_" + "a" * 66, "token of an account"),
        ("ryr_" + "a" * 66, "not the whole of one"),
    ],
)
def test_a_wrong_token_is_told_what_it_is(agents: Agents, text: str, told: str) -> None:
    with pytest.raises(PassRefused, match=told):
        agents.shown(text)


def test_a_ticket_is_no_token_and_a_token_no_ticket(agents: Agents) -> None:
    with pytest.raises(PassRefused, match="exchanged for one by registering"):
        agents.shown(agents.ticket)
    with pytest.raises(PassRefused):
        agents.shown(agents.register(), PassKind.JOIN)


def test_a_token_of_another_server_is_not_known_here(agents: Agents) -> None:
    with pytest.raises(PassRefused, match="right server"):
        agents.shown(Agents().register())


def test_a_removed_runner_leaves_no_tokens(agents: Agents) -> None:
    token = agents.register()
    agents.shown(token)
    known, text = agents.box().runner.id, parsed(token, "ryr")
    agents.remove_runner.execute(RemoveRunnerCommand(runner="box"))

    with pytest.raises(PassRefused):
        agents.shown(token)
    assert text is not None
    with pytest.raises(PassRefused):
        agents.hear_agent.execute(HearAgentCommand(runner_id=known, pass_id=text.id, epoch=1))


def test_an_agent_has_its_runner_to_itself_while_it_is_heard(agents: Agents) -> None:
    box = agents.box().runner
    mine = AdoptRunnerCommand(runner_id=box.id, driver_id=DriverId("mine"), facts=replace(FACTS, cpus=8))
    session = agents.adopt_runner.execute(mine)
    epoch = session.runner.driver.epoch if session.runner.driver else 0

    assert session.runner.agent is not None
    assert session.runner.agent.facts == replace(FACTS, cpus=8)
    agents.clock.advance(LEASE.total_seconds() - 1)
    with pytest.raises(RunnerDrivenElsewhere):
        agents.adopt_runner.execute(AdoptRunnerCommand(runner_id=box.id, driver_id=DriverId("copy")))
    mine_is = agents.shown(agents.register()).pass_id
    heard = HearAgentCommand(runner_id=box.id, pass_id=mine_is, epoch=epoch, room=Room(1 << 30, 2 << 30))
    agents.hear_agent.execute(heard)
    side = agents.box().runner.agent
    assert side is not None
    assert (side.memory_free, side.disk_free) == (1 << 30, 2 << 30)
    agents.clock.advance(LEASE.total_seconds())
    agents.adopt_runner.execute(AdoptRunnerCommand(runner_id=box.id, driver_id=DriverId("next")))
    with pytest.raises(DriverLost):
        agents.follow_attempts.execute(FollowAttemptsCommand(runner_id=box.id, epoch=epoch))


def test_the_state_of_an_agent_is_read_from_its_silence(agents: Agents) -> None:
    box = agents.box().runner
    states = [agents.box().state]
    agents.adopt_runner.execute(AdoptRunnerCommand(runner_id=box.id, driver_id=DriverId("mine")))
    for seconds in (0, 76, 75):
        agents.clock.advance(seconds)
        states.append(agents.box().state)

    assert states == ["offline", "online", "late", "offline"]


@pytest.fixture
def token(agents: Agents) -> str:
    """That of an agent with a session."""
    token = agents.register()
    agents.shown(token)
    agents.adopt_runner.execute(AdoptRunnerCommand(runner_id=agents.box().runner.id, driver_id=DriverId("mine")))
    return token


def heard(agents: Agents, token: str, room: Room | None = None) -> AgentHeard:
    """As one that was let in some time ago."""
    box, text = agents.box().runner, parsed(token, "ryr")
    assert box.driver is not None
    assert text is not None
    return agents.hear_agent.execute(
        HearAgentCommand(runner_id=box.id, pass_id=text.id, epoch=box.driver.epoch, room=room)
    )


def test_who_was_let_in_some_time_ago_is_refused_once_its_token_opens_nothing_any_more(
    agents: Agents, token: str
) -> None:
    newer = agents.rotate(token)
    assert heard(agents, token).free == 3
    agents.shown(newer)
    assert heard(agents, token).free == 3, "requests may be under way"
    agents.clock.advance(GRACE.total_seconds())

    with pytest.raises(PassRefused, match="replaced"):
        heard(agents, token)
    assert heard(agents, newer).free == 3
    agents.revoke_agent.execute(RevokeAgentCommand(runner="box"))
    with pytest.raises(PassRefused, match="revoked"):
        heard(agents, newer)
    contact = agents.box().runner.driver
    agents.clock.advance(10)
    with pytest.raises(PassRefused):
        heard(agents, newer)
    assert agents.box().runner.driver == contact, "who is refused is not heard of"


def test_whoever_is_heard_is_told_how_much_more_it_may_be_given(agents: Agents, token: str) -> None:
    box = agents.box().runner
    before = heard(agents, token)
    agents.submit(placement=Placement(runner="box"))
    agents.assign_jobs.execute(AssignJobsCommand(runner_id=box.id, epoch=1, hello=HELLO, most=1))

    assert (before.free, before.within(55)) == (3, 55)
    assert heard(agents, token).free == 2


def test_a_machine_that_takes_nothing_is_woken_for_nothing_and_explain_says_why(agents: Agents, token: str) -> None:
    full = heard(agents, token, Room(disk=3 << 20, refuses="3 MiB are free"))
    job = agents.submit(placement=Placement(runner="box"))
    obstacles = {
        each.runner.name: each.obstacles
        for each in ExplainJob(agents.store.read).execute(ExplainJobCommand(job=job.id)).runners
    }

    assert full.free == 0
    assert [(each.code, "3 MiB are free" in each.told) for each in obstacles["box"]] == [("host_refuses", True)]
    assert heard(agents, token).free == 0, "nothing said changes nothing"
    assert heard(agents, token, Room(disk=3 << 30)).free == 3
    assert agents.box().runner.refuses is None


def test_a_runner_that_is_closed_is_given_nothing_and_is_heard_again_when_its_pause_ends(
    agents: Agents, token: str
) -> None:
    agents.cordon_runner.execute(CordonRunnerCommand(runner="box"))
    cordoned = heard(agents, token)
    agents.uncordon_runner.execute(UncordonRunnerCommand(runner="box"))
    agents.pause_runner.execute(PauseRunnerCommand(runner="box", end=End(seconds=20)))
    paused = heard(agents, token)
    agents.clock.advance(paused.within(55))

    assert (cordoned.free, cordoned.within(55)) == (0, 55)
    assert (paused.free, 20 < paused.within(55) < 21, paused.within(5)) == (0, True, 5)
    assert heard(agents, token).free == 3


def test_a_runner_that_is_opened_is_told_so_while_it_waits(agents: Agents) -> None:
    rung: list[str] = []
    agents.rings.listen(about_runner(agents.box().runner.id), lambda: rung.append("news"))
    agents.cordon_runner.execute(CordonRunnerCommand(runner="box"))
    assert rung == []

    agents.uncordon_runner.execute(UncordonRunnerCommand(runner="box"))

    assert rung == ["news"]


def test_a_machine_whose_tokens_end_is_told_so_while_it_waits(agents: Agents) -> None:
    rung: list[str] = []
    agents.rings.listen(about_runner(agents.box().runner.id), lambda: rung.append("news"))
    agents.shown(agents.rotate(agents.register()))
    assert rung == [], "its own next token ends no wait"

    agents.revoke_agent.execute(RevokeAgentCommand(runner="box"))
    assert rung == ["news"]
    agents.revoke_agent.execute(RevokeAgentCommand(runner="box"))
    assert rung == ["news"], "none was left that was good"


def test_a_machine_whose_place_another_one_takes_is_told_so_while_it_waits(agents: Agents) -> None:
    agents.shown(agents.register())
    rung: list[str] = []
    agents.rings.listen(about_runner(agents.box().runner.id), lambda: rung.append("news"))
    again = agents.invite_agent.execute(InviteAgentCommand(runner="box")).text.revealed
    other = agents.register(again)
    assert rung == [], "nobody has used it yet"

    agents.shown(other)

    assert rung == ["news"]


def test_a_second_process_is_refused_and_raises_an_alarm(agents: Agents) -> None:
    box = agents.box().runner
    agents.adopt_runner.execute(AdoptRunnerCommand(runner_id=box.id, driver_id=DriverId("mine")))

    with pytest.raises(RunnerDrivenElsewhere):
        agents.adopt_runner.execute(AdoptRunnerCommand(runner_id=box.id, driver_id=DriverId("copy")))

    assert "another process" in (agents.alarm or "")


def test_rotating_again_and_again_with_lost_answers_locks_nobody_out(agents: Agents) -> None:
    dice = Random(1)  # noqa: S311 - a seed must give the same run again
    for number in range(20):
        made = agents.add_agent.execute(AddAgentCommand(name=f"r{number}"))
        token = agents.register(made.text.revealed)
        for _ in range(60):
            agents.clock.advance(10)
            next_one = agents.rotate(token)
            if dice.random() < 0.5:  # the answer arrived
                token = next_one
                agents.shown(token)
        agents.clock.advance(GRACE.total_seconds())
        stolen = token
        token = agents.rotate(token)
        agents.shown(token)
        agents.clock.advance(GRACE.total_seconds())

        with pytest.raises(PassRefused):
            agents.shown(stolen)
        side = agents.get_runner.execute(GetRunnerCommand(runner=f"r{number}")).runner.agent
        assert side is not None
        assert side.alarm is not None, "a copy is noticed within one rotation"
