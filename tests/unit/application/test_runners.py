from datetime import timedelta

import pytest

from runyard.application.ports.rings import READY, about_runner
from runyard.application.ports.runners import RunnerNameTaken
from runyard.application.runners.cordon_runner import CordonRunnerCommand
from runyard.application.runners.drain_runner import DrainRunnerCommand
from runyard.application.runners.edit_runner import EditRunnerCommand
from runyard.application.runners.get_runner import GetRunnerCommand
from runyard.application.runners.list_runners import ListRunnersCommand
from runyard.application.runners.look_after_runners import LookAfterRunnersCommand
from runyard.application.runners.pause_runner import PauseRunnerCommand
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.application.runners.remove_runner import RemoveRunnerCommand
from runyard.application.runners.status import RunnerStatus
from runyard.application.runners.uncordon_runner import UncordonRunnerCommand
from runyard.domain.ends import End, InvalidEnd
from runyard.domain.runners.errors import InvalidRunner, RunnerInUse, RunnerNotFound
from runyard.domain.runners.runner import Runner, RunnerKind
from tests.unit.application.yard import MemoryYard, ended


def register(yard: MemoryYard, name: str = "here", slots: int | None = None) -> Runner:
    command = RegisterRunnerCommand(name=name, kind=RunnerKind.LOCAL, slots=slots, default_slots=4)
    return yard.register_runner.execute(command)


def shown(yard: MemoryYard, runner: str = "here") -> RunnerStatus:
    return yard.get_runner.execute(GetRunnerCommand(runner=runner))


def drain(yard: MemoryYard, seconds: float | None = None) -> RunnerStatus:
    return yard.drain_runner.execute(DrainRunnerCommand(runner="here", deadline=End(seconds=seconds)))


def look_after_runners(yard: MemoryYard) -> int:
    return yard.look_after_runners.execute(LookAfterRunnersCommand())


def test_a_cordoned_runner_is_given_nothing_until_it_is_uncordoned(yard: MemoryYard) -> None:
    job = yard.submit()
    yard.cordon_runner.execute(CordonRunnerCommand(runner="here", note="disk"))
    assert yard.assign() == []

    yard.uncordon_runner.execute(UncordonRunnerCommand(runner=yard.runner.id))
    assert [item.job.id for item in yard.assign()] == [job.id]


def test_uncordoning_rings_for_those_who_claim(yard: MemoryYard) -> None:
    heard: list[str] = []
    yard.rings.listen(READY, lambda: heard.append(READY))
    yard.uncordon_runner.execute(UncordonRunnerCommand(runner="here"))

    assert heard == [READY]


def test_a_paused_runner_is_given_nothing_until_its_end(yard: MemoryYard) -> None:
    yard.submit()
    yard.pause_runner.execute(PauseRunnerCommand(runner="here", end=End(seconds=60), note="backup"))
    assert yard.assign() == []
    assert shown(yard).availability == "paused"

    yard.clock.advance(60)
    assert len(yard.assign()) == 1
    assert shown(yard).availability == "open"


def test_a_pause_without_an_end_is_refused() -> None:
    with pytest.raises(InvalidRunner, match="/until"):
        PauseRunnerCommand(runner="here", end=End())


def test_an_end_is_a_moment_or_a_number_of_seconds(yard: MemoryYard) -> None:
    now = yard.clock.now()

    assert (End(seconds=5).at(now), End(until=now).at(now), End().at(now)) == (now + timedelta(seconds=5), now, None)
    for wrong in ({"seconds": -1}, {"seconds": 1e9}, {"seconds": 1, "until": now}, {"until": now.replace(year=9999)}):
        with pytest.raises(InvalidEnd):
            End(**wrong)


def test_a_draining_runner_finishes_what_it_has(yard: MemoryYard) -> None:
    job = yard.assigned()
    yard.submit()
    assert not drain(yard).drained
    yard.clock.advance(3600)

    assert (look_after_runners(yard), yard.assign()) == (0, [])
    yard.report(ended(job), fence=1)
    assert yard.get(job.id).state == "succeeded"
    assert shown(yard).drained


def test_what_still_runs_at_the_deadline_of_a_drain_is_cancelled(yard: MemoryYard) -> None:
    job, heard = yard.assigned(), list[str]()
    yard.rings.listen(about_runner(yard.runner.id), lambda: heard.append("look"))
    drain(yard, seconds=60)
    yard.clock.advance(59)
    assert look_after_runners(yard) == 0

    yard.clock.advance(1)
    assert look_after_runners(yard) == 1
    assert yard.get(job.id).cancel_requested
    assert heard == ["look"]
    assert look_after_runners(yard) == 0


def test_a_drain_that_was_called_off_cancels_nothing(yard: MemoryYard) -> None:
    job = yard.assigned()
    drain(yard, seconds=60)
    yard.cordon_runner.execute(CordonRunnerCommand(runner="here"))
    yard.clock.advance(61)

    assert look_after_runners(yard) == 0
    assert not yard.get(job.id).cancel_requested


def test_registering_again_takes_on_the_slots_that_were_asked_for_and_nothing_else(yard: MemoryYard) -> None:
    edit = EditRunnerCommand(runner="here", slots=7, queues=("gpu",), labels={"zone": "a"})
    yard.edit_runner.execute(edit)
    yard.cordon_runner.execute(CordonRunnerCommand(runner="here", note="disk"))

    kept, asked = register(yard), register(yard, slots=3)
    assert (kept.slots, asked.slots) == (7, 3)
    assert (asked.queues, asked.labels, asked.availability.note) == (("gpu",), {"zone": "a"}, "disk")
    assert register(yard, "new").slots == 4


def test_a_name_belongs_to_one_kind(yard: MemoryYard, monkeypatch) -> None:
    other = "elsewhere"
    command = RegisterRunnerCommand(name="here", kind=other, slots=1)  # type: ignore[arg-type]

    with pytest.raises(RunnerNameTaken):
        yard.register_runner.execute(command)


def test_an_edit_rings_for_the_driver(yard: MemoryYard) -> None:
    heard: list[str] = []
    yard.rings.listen(about_runner(yard.runner.id), lambda: heard.append("look"))
    status = yard.edit_runner.execute(EditRunnerCommand(runner=yard.runner.id, slots=9))

    assert (status.runner.slots, status.runner.revision, heard) == (9, 2, ["look"])


def test_fewer_slots_end_nothing_and_start_nothing(yard: MemoryYard) -> None:
    job = yard.assigned()
    yard.submit()
    yard.edit_runner.execute(EditRunnerCommand(runner="here", slots=1))

    assert yard.assign() == []
    assert yard.get(job.id).live
    assert shown(yard).state == "busy"


def test_a_runner_is_busy_online_or_offline(yard: MemoryYard) -> None:
    assert shown(yard).state == "online"
    yard.submit()
    yard.submit()
    yard.assign()
    assert (shown(yard).state, shown(yard).busy) == ("busy", 2)

    yard.clock.advance(15)
    assert shown(yard).state == "offline"


def test_runners_are_listed_by_name(yard: MemoryYard) -> None:
    register(yard, "zoo")
    register(yard, "abc")

    found = yard.list_runners.execute(ListRunnersCommand())
    assert [status.runner.name for status in found] == ["abc", "here", "zoo"]


def test_only_an_empty_runner_that_nobody_drives_is_removed(yard: MemoryYard) -> None:
    remove = RemoveRunnerCommand(runner="here")
    with pytest.raises(RunnerInUse):
        yard.remove_runner.execute(remove)
    job = yard.assigned()
    yard.clock.advance(15)
    with pytest.raises(RunnerInUse):
        yard.remove_runner.execute(remove)

    yard.report(ended(job), fence=1)
    yard.remove_runner.execute(remove)
    for again in (lambda: shown(yard), lambda: yard.remove_runner.execute(remove), lambda: drain(yard)):
        with pytest.raises(RunnerNotFound):
            again()
