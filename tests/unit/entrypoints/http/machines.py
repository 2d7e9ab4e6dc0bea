"""The machines of a project that are elsewhere: one that is reached by ssh, one that comes; with all they can have."""

from dataclasses import dataclass
from typing import Final

from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.ports.executor import Started
from runyard.application.runners.add_agent import AddAgentCommand
from runyard.application.runners.add_runner import AddRunnerCommand
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.authenticate_agent import AuthenticateAgentCommand, RunnerActor
from runyard.application.runners.exchange_pass import ExchangePassCommand
from runyard.application.runners.hear_agent import HearAgentCommand
from runyard.application.runners.invite_agent import InviteAgentCommand
from runyard.application.runners.release_driver import ReleaseDriverCommand
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Placement
from runyard.domain.runners.agent import MachineFacts, Room
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.passes import PassKind
from runyard.domain.runners.ssh import SshLogin
from tests.builders import a_target, host_key
from tests.unit.application.yard import HELLO, Yard

MARKS: Final = frozenset(
    {"agent", "machine", "graphics", "rack", "chip", "far", "host-name", "user", "trouble", "arrivals", "runs"}
)
"""What can be found of them, called after the project."""


@dataclass(frozen=True, slots=True)
class Machines:
    """`ticket`, `token` and the `epoch` of its session are of the one that comes, and `running` is a job there; what is
    `hidden` is for nobody of another project.
    """

    ticket: str
    token: str
    epoch: int
    running: Job
    hidden: frozenset[str]


def machines_of(yard: Yard, project: str, owner: str) -> Machines:
    """Add them: the host in trouble, the agent in a session, with every token that there can be."""
    called = f"{project}-".__add__
    keys = host_key(called("host"))
    _host(yard, project)
    queue = called("arrivals")
    made = yard.add_agent.execute(
        AddAgentCommand(
            name=called("agent"),
            project=project,
            slots=3,
            queues=(queue,),
            labels={"rack": called("rack")},
            owners=(owner,),
        )
    )
    runner, ticket = made.runner.runner, made.text.revealed
    facts = MachineFacts(
        system="Linux", hostname=called("machine"), cpu_model=called("chip"), gpus=(called("graphics"),)
    )
    joining = shown(yard, ticket, PassKind.JOIN)
    token = yard.register_agent.execute(ExchangePassCommand(by=joining, facts=facts)).text.revealed
    adopt = AdoptRunnerCommand(runner_id=runner.id, driver_id=DriverId(called("agent")), by=shown(yard, token))
    session = yard.open_session.execute(adopt).runner.driver
    epoch = session.epoch if session else 0
    room = Room(memory=1 << 30, disk=2 << 30)
    yard.hear_agent.execute(
        HearAgentCommand(runner_id=runner.id, pass_id=shown(yard, token).pass_id, epoch=epoch, room=room)
    )
    again = yard.invite_agent.execute(InviteAgentCommand(runner=called("agent"))).text.revealed
    there = Placement(runner=called("agent"))
    yard.submit(project=project, owner=owner, queue=queue, name=called("runs"), placement=there)
    command = AssignJobsCommand(runner_id=runner.id, epoch=epoch, hello=HELLO, most=1)
    (taken,) = yard.assign_jobs.execute(command)
    yard.report(Started(taken.job.ref, "group"), fence=taken.job.fence)
    tokens = {text[4:20] for text in (ticket, token, again)}
    return Machines(ticket, token, epoch, taken.job, frozenset({keys.fingerprint, keys.data, *tokens}))


def shown(yard: Yard, text: str, kind: PassKind = PassKind.RUNNER) -> RunnerActor:
    return yard.authenticate_agent.execute(AuthenticateAgentCommand(presented=text, kind=kind))


def _host(yard: Yard, project: str) -> None:
    called = f"{project}-".__add__
    target = a_target(
        host=called("host-name"),
        user=called("user"),
        login=SshLogin(key_file=f"/keys/{called('key')}"),
        host_keys=(host_key(called("host")),),
    )
    added = yard.add_runner.execute(AddRunnerCommand(name=called("far"), target=target, check=False, project=project))
    driven = yard.adopt_runner.execute(
        AdoptRunnerCommand(runner_id=added.runner.id, driver_id=DriverId(called("driver")))
    ).runner.driver
    left = ReleaseDriverCommand(
        runner_id=added.runner.id, epoch=driven.epoch if driven else 0, trouble=f"no way to {called('trouble')}"
    )
    yard.release_driver.execute(left)
