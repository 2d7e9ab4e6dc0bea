import pytest

from runyard.application.jobs.explain_job import ExplainJob, ExplainJobCommand
from runyard.application.ports.executor import HostUnreachable
from runyard.application.ports.runners import RunnerNameTaken
from runyard.application.ports.ssh_hosts import HostKeyChanged, HostUnfit
from runyard.application.runners.add_runner import AddRunnerCommand
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.check_runner import CheckRunnerCommand
from runyard.application.runners.edit_runner import EditRunnerCommand, TargetEdit
from runyard.application.runners.get_runner import GetRunnerCommand
from runyard.application.runners.release_driver import ReleaseDriverCommand
from runyard.application.runners.show_host_key import ShowHostKeyCommand
from runyard.application.runners.status import RunnerStatus
from runyard.domain.accounts.projects import ProjectNotFound
from runyard.domain.audit.entry import AuditEntry, AuditFilter
from runyard.domain.jobs.lanes import Placement
from runyard.domain.runners.errors import InvalidRunner
from runyard.domain.runners.ids import DriverId
from tests.builders import a_target, host_key
from tests.unit.application.yard import MemoryYard


def add(yard: MemoryYard, name: str = "far", **asked) -> RunnerStatus:
    return yard.add_runner.execute(AddRunnerCommand(**{"name": name, "target": a_target(), **asked}))


def test_a_host_becomes_a_runner_with_a_slot_for_each_core(yard: MemoryYard) -> None:
    status = add(yard, labels={"zone": "b"})

    assert (status.runner.slots, status.runner.labels, status.state) == (4, {"zone": "b"}, "offline")
    assert status.runner.checked is not None
    assert [finding.name for finding in status.runner.checked.findings][:3] == ["reachable", "host_key", "login"]


def test_a_host_that_is_away_is_refused_unless_nobody_shall_look(yard: MemoryYard) -> None:
    with pytest.raises(HostUnfit, match="does not answer"):
        add(yard, target=a_target(host="gone"))

    added = add(yard, target=a_target(host="gone"), check=False)
    assert (added.runner.slots, added.runner.checked) == (1, None)


def test_a_host_with_another_key_is_refused_and_both_are_named(yard: MemoryYard) -> None:
    with pytest.raises(HostUnfit) as refused:
        add(yard, target=a_target(host_keys=(host_key("other"),)))

    assert host_key("far").fingerprint in str(refused.value)
    assert host_key("other").fingerprint in str(refused.value)


def test_during_a_rotation_either_key_is_good(yard: MemoryYard) -> None:
    checked = add(yard, target=a_target(host_keys=(host_key("other"), host_key("far")))).runner.checked

    assert checked is not None
    assert checked.fit


def test_a_name_is_taken_once(yard: MemoryYard) -> None:
    with pytest.raises(RunnerNameTaken):
        add(yard, name="here")
    with pytest.raises(InvalidRunner):
        add(yard, name="no name")
    with pytest.raises(InvalidRunner):
        add(yard, queues=())


def test_a_host_belongs_to_a_project_that_exists(yard: MemoryYard) -> None:
    assert add(yard).runner.project == "default"
    with pytest.raises(ProjectNotFound):
        add(yard, name="other", project="nowhere")


def test_a_check_keeps_what_was_found(yard: MemoryYard) -> None:
    add(yard, target=a_target(host="gone"), check=False)
    checked = yard.check_runner.execute(CheckRunnerCommand(runner="far")).runner.checked

    assert checked is not None
    assert (checked.fit, checked.at) == (False, yard.clock.now())
    with pytest.raises(InvalidRunner, match="reached by ssh"):
        yard.check_runner.execute(CheckRunnerCommand(runner="here"))


def test_a_host_shows_its_key(yard: MemoryYard) -> None:
    assert yard.show_host_key.execute(ShowHostKeyCommand(host="far")) == host_key("far")
    with pytest.raises(HostUnreachable):
        yard.show_host_key.execute(ShowHostKeyCommand(host="gone"))
    with pytest.raises(InvalidRunner):
        ShowHostKeyCommand(host="-o", port=0)


def test_the_way_to_a_host_is_edited_with_the_rest_in_one_revision(yard: MemoryYard) -> None:
    add(yard)
    command = EditRunnerCommand(runner="far", slots=9, target=TargetEdit(port=2222, user="other"))
    edited = yard.edit_runner.execute(command).runner

    assert (edited.slots, edited.ssh, edited.revision) == (9, a_target(port=2222, user="other"), 2)
    with pytest.raises(InvalidRunner, match="/user"):
        yard.edit_runner.execute(EditRunnerCommand(runner="here", target=TargetEdit(user="x")))


def test_who_leaves_says_what_kept_it_from_the_host(yard: MemoryYard) -> None:
    far = add(yard).runner
    adopt = AdoptRunnerCommand(runner_id=far.id, driver_id=DriverId("d"))
    yard.adopt_runner.execute(adopt)
    yard.release_driver.execute(ReleaseDriverCommand(runner_id=far.id, epoch=1, trouble="no route to far"))
    job = yard.submit(placement=Placement(runner="far"))
    explanation = ExplainJob(yard.store.read).execute(ExplainJobCommand(job=job.id))
    (obstacles,) = [verdict.obstacles for verdict in explanation.runners if verdict.runner.name == "far"]

    assert [each.code for each in obstacles] == ["host_unreachable"]
    assert "no route to far" in obstacles[0].told
    assert yard.get_runner.execute(GetRunnerCommand(runner="far")).state == "offline"
    assert yard.adopt_runner.execute(adopt).runner.trouble is not None


def trail(yard: MemoryYard, action: str) -> list[AuditEntry]:
    with yard.store.read() as reading:
        page = reading.audit.page(AuditFilter(action=action), after=None, limit=10)
    return list(page.items)


def test_f45_the_trail_tells_each_wrong_key_of_a_host_once(yard: MemoryYard) -> None:
    far = add(yard).runner
    refusals = [str(HostKeyChanged(a_target(), host_key(name))) for name in ("other", "other", "third")]
    for epoch, why in enumerate(refusals, 1):
        yard.adopt_runner.execute(AdoptRunnerCommand(runner_id=far.id, driver_id=DriverId("d")))
        command = ReleaseDriverCommand(runner_id=far.id, epoch=epoch, trouble=why, another_host=True)
        yard.release_driver.execute(command)

    told = trail(yard, "reach_host")
    assert [entry.reason for entry in told] == [refusals[2], refusals[0]]
    assert (told[0].outcome, told[0].subject.name, told[0].project, told[0].doer.name) == (
        "refused",
        "far",
        "default",
        None,
    )
    assert host_key("far").fingerprint in refusals[2]
    assert host_key("third").fingerprint in refusals[2]


def test_other_trouble_is_no_matter_of_the_trail(yard: MemoryYard) -> None:
    far = add(yard).runner
    yard.adopt_runner.execute(AdoptRunnerCommand(runner_id=far.id, driver_id=DriverId("d")))
    yard.release_driver.execute(ReleaseDriverCommand(runner_id=far.id, epoch=1, trouble="no route to far"))

    assert trail(yard, "reach_host") == []
