"""The rules of runners."""

from dataclasses import replace
from typing import TypeVar

from ...domain.accounts.access import Actor, Resource, projects_of
from ...domain.accounts.permissions import Permission
from ...domain.accounts.projects import ProjectNotFound
from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.settings import EVERYBODY
from ..ports.work import Begin
from ..runners.add_agent import AddAgentCommand
from ..runners.edit_runner import EditRunnerCommand, TargetEdit
from ..runners.get_runner import GetRunnerCommand
from ..runners.list_runner_events import ListRunnerEventsCommand
from .requiring import GuardReading, Rule, require, require_of_instance

_P = Permission
C = TypeVar("C")
G = TypeVar("G", GetRunnerCommand, ListRunnerEventsCommand)


def on_runner(action: Permission) -> Rule:
    def rule(actor: Actor, command: C, read: Begin[GuardReading]) -> C:
        name: str = command.runner  # type: ignore[attr-defined] # every command under this rule names one runner
        with read() as reading:
            runner = reading.runners.get(name).runner  # raises what an unknown one raises
        require(actor, action, Resource(project=runner.project, shared_with=runner.shared_with), RunnerNotFound(name))
        return command

    return rule


def edit_runner(actor: Actor, command: EditRunnerCommand, read: Begin[GuardReading]) -> EditRunnerCommand:
    """Where a host is, and with which of the server's keys it is reached, is the business of the instance."""
    shares = command.shared_with is not None or command.owners is not None
    checked: EditRunnerCommand = on_runner(_P.MANAGE_RUNNERS)(actor, command, read)
    if command.target != TargetEdit():
        require_of_instance(actor, _P.REACH_HOSTS)
    return on_runner(_P.SHARE_RUNNERS)(actor, checked, read) if shares else checked


def get_runner(actor: Actor, command: G, read: Begin[GuardReading]) -> G:
    on_runner(_P.SEE)(actor, command, read)
    return replace(command, projects=projects_of(actor, _P.SEE))


def add_agent(actor: Actor, command: AddAgentCommand, _: Begin[GuardReading]) -> AddAgentCommand:
    """Whoever runs the runners of a project adds to them; whose jobs they take is for its admins to say."""
    least = _P.MANAGE_RUNNERS if command.owners == (EVERYBODY,) else _P.SHARE_RUNNERS
    require(actor, least, Resource(project=command.project), ProjectNotFound(command.project))
    return command
