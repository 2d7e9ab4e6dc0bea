"""What is told of runners: by those who change them, and of those who fall silent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runyard.application.accounts.guard import Always, Guarded
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.cordon_runner import CordonRunnerCommand
from runyard.application.runners.drain_runner import DrainRunnerCommand
from runyard.application.runners.forget_runner_events import ForgetRunnerEvents, ForgetRunnerEventsCommand
from runyard.application.runners.list_runner_events import ListRunnerEventsCommand
from runyard.application.runners.look_after_runners import LookAfterRunnersCommand
from runyard.application.runners.pause_runner import PauseRunnerCommand
from runyard.application.runners.release_driver import ReleaseDriverCommand
from runyard.application.runners.renew_driver import RenewDriverCommand
from runyard.application.runners.revoke_agent import RevokeAgentCommand
from runyard.application.runners.uncordon_runner import UncordonRunnerCommand
from runyard.domain.accounts.access import Actor
from runyard.domain.ends import End
from runyard.domain.runners.errors import RunnerNotFound
from runyard.domain.runners.events import RunnerEvent
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.passes import GRACE, PassRefused

from .test_agents import Agents
from .yard import MemoryYard, ended


def events(yard: MemoryYard, runner: str = "here", **asked: object) -> list[RunnerEvent]:
    """The oldest first."""
    page = yard.list_runner_events.execute(ListRunnerEventsCommand(runner=runner, **asked))  # type: ignore[arg-type]
    return [*reversed(page.items)]


def told(yard: MemoryYard, runner: str = "here") -> list[str]:
    return [event.kind.value for event in events(yard, runner)]


def look(yard: MemoryYard) -> None:
    yard.look_after_runners.execute(LookAfterRunnersCommand())


@pytest.fixture
def agents() -> Agents:
    return Agents()


def at_work(agents: Agents) -> int:
    """The box registered and came; the epoch of its session."""
    agents.shown(agents.register())
    command = AdoptRunnerCommand(runner_id=agents.box().runner.id, driver_id=DriverId("box:1"))
    driver = agents.adopt_runner.execute(command).runner.driver
    assert driver is not None
    return driver.epoch


def test_a_runner_that_is_driven_is_online_and_one_that_is_given_up_offline(yard: MemoryYard) -> None:
    assert told(yard) == ["online"]
    yard.release_driver.execute(ReleaseDriverCommand(runner_id=yard.runner.id, epoch=yard.epoch, trouble="no route"))
    yard.adopt("another")
    assert told(yard) == ["online", "offline"], "whether it reaches the host is not known yet"
    yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.runner.id, epoch=yard.epoch))

    assert told(yard) == ["online", "offline", "online"]
    assert events(yard)[1].details == {"why": "no route"}


def test_heartbeats_and_restarts_of_a_driver_tell_nothing(yard: MemoryYard) -> None:
    for _ in range(3):
        yard.clock.advance(5)
        yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.runner.id, epoch=yard.epoch))
        look(yard)
    yard.adopt("driver")

    assert told(yard) == ["online"]


def test_who_falls_silent_is_told_of_once(yard: MemoryYard) -> None:
    for _ in range(4):
        yard.clock.advance(10)
        look(yard)
        look(yard)

    assert told(yard) == ["online", "offline"]


def test_an_agent_registers_comes_is_late_offline_and_back(agents: Agents) -> None:
    epoch = at_work(agents)
    for seconds in (80, 80):
        agents.clock.advance(seconds)
        look(agents)
    agents.renew_driver.execute(RenewDriverCommand(runner_id=agents.box().runner.id, epoch=epoch))

    assert told(agents, "box") == ["registered", "online", "late", "offline", "online"]
    assert events(agents, "box")[0].details == {"system": "Linux"}


def test_tokens_that_are_exchanged_copied_and_revoked_are_told_of(agents: Agents) -> None:
    first = agents.register()
    agents.clock.advance(60)
    agents.shown(agents.rotate(first))
    agents.clock.advance(GRACE.total_seconds() + 1)
    with pytest.raises(PassRefused):
        agents.shown(first)
    agents.revoke_agent.execute(RevokeAgentCommand(runner="box"))
    agents.revoke_agent.execute(RevokeAgentCommand(runner="box"))

    assert told(agents, "box") == ["registered", "token_rotated", "alarm", "revoked"]


def test_what_somebody_decides_is_told_with_who_it_was_until_when_and_why(yard: MemoryYard) -> None:
    ada = Always(Actor(name="ada", instance_admin=True))
    for use_case, command in (
        (yard.cordon_runner, CordonRunnerCommand(runner="here", note="disk")),
        (yard.uncordon_runner, UncordonRunnerCommand(runner="here")),
        (yard.pause_runner, PauseRunnerCommand(runner="here", end=End(seconds=60))),
        (yard.pause_runner, PauseRunnerCommand(runner="here", end=End(seconds=90))),
    ):
        Guarded(use_case, ada, yard.store.read, yard.record_refusal).execute(command)  # type: ignore[arg-type]
    until = yard.clock.now() + timedelta(seconds=90)
    _, cordoned, uncordoned, paused, again = events(yard)

    assert [each.kind for each in (cordoned, uncordoned, paused, again)] == [
        "cordoned",
        "uncordoned",
        "paused",
        "paused",
    ]
    assert {each.by for each in (cordoned, uncordoned, paused, again)} == {"ada"}
    assert (cordoned.details, again.details) == ({"note": "disk"}, {"until": until.isoformat()})


def test_a_drain_is_told_of_with_what_is_left_until_nothing_is(yard: MemoryYard) -> None:
    jobs = [yard.assigned(), yard.assigned()]
    yard.drain_runner.execute(DrainRunnerCommand(runner="here", note="new disk"))
    look(yard)
    for job in jobs:
        yard.report(ended(job), fence=job.fence)
        look(yard)
        look(yard)
    yard.uncordon_runner.execute(UncordonRunnerCommand(runner="here"))
    yard.drain_runner.execute(DrainRunnerCommand(runner="here"))
    look(yard)

    assert [(event.kind.value, *event.details.values()) for event in events(yard)[1:]] == [
        ("draining", "new disk"),
        ("draining", 2),
        ("draining", 1),
        ("drained",),
        ("uncordoned",),
        ("draining",),
        ("drained",),
    ]


def test_what_breaks_before_its_commit_is_not_told(yard: MemoryYard) -> None:
    with pytest.raises(RunnerNotFound):
        yard.cordon_runner.execute(CordonRunnerCommand(runner="unknown"))

    assert told(yard) == ["online"]


def test_those_it_is_shared_with_are_not_told_who_decided(yard: MemoryYard) -> None:
    Guarded(
        yard.cordon_runner,
        Always(Actor(name="ada", instance_admin=True)),
        yard.store.read,
        yard.record_refusal,
    ).execute(CordonRunnerCommand(runner="here"))
    with yard.store.begin() as work:
        work.runners.save(replace(work.runners.lock(yard.runner.id), shared_with=("other",)))
        work.commit()

    assert [each.by for each in events(yard, projects=frozenset({"default"}))] == [None, "ada"]
    assert [each.by for each in events(yard, projects=frozenset({"other"}))] == [None, None]
    with pytest.raises(RunnerNotFound):
        events(yard, projects=frozenset({"third"}))


def test_events_are_forgotten_in_their_time_and_never_without_one(yard: MemoryYard) -> None:
    yard.clock.advance(86400 * 2)
    look(yard)
    forget = ForgetRunnerEventsCommand()

    assert ForgetRunnerEvents(yard.store.begin, None).execute(forget) == 0
    assert ForgetRunnerEvents(yard.store.begin, timedelta(days=1)).execute(forget) == 1
    assert told(yard) == ["offline"]
