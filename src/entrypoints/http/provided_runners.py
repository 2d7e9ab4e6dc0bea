"""The use cases of runners, as the door needs them."""

from dataclasses import dataclass

from ...application.ports.calling import UseCase
from ...application.runners.add_agent import AddAgentCommand, Invitation
from ...application.runners.add_runner import AddRunnerCommand
from ...application.runners.check_runner import CheckRunnerCommand
from ...application.runners.cordon_runner import CordonRunnerCommand
from ...application.runners.drain_runner import DrainRunnerCommand
from ...application.runners.edit_runner import EditRunnerCommand
from ...application.runners.get_runner import GetRunnerCommand
from ...application.runners.invite_agent import InviteAgentCommand, Invited
from ...application.runners.list_runner_events import ListRunnerEventsCommand
from ...application.runners.list_runners import ListRunnersCommand
from ...application.runners.pause_runner import PauseRunnerCommand
from ...application.runners.remove_runner import RemoveRunnerCommand
from ...application.runners.revoke_agent import RevokeAgentCommand
from ...application.runners.show_host_key import ShowHostKeyCommand
from ...application.runners.status import RunnerStatus
from ...application.runners.uncordon_runner import UncordonRunnerCommand
from ...domain.runners.events import RunnerEventPage
from ...domain.runners.ssh import HostKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedRunners:
    """Ready-made use cases."""

    list_runners: UseCase[ListRunnersCommand, list[RunnerStatus]]
    get_runner: UseCase[GetRunnerCommand, RunnerStatus]
    list_runner_events: UseCase[ListRunnerEventsCommand, RunnerEventPage]
    edit_runner: UseCase[EditRunnerCommand, RunnerStatus]
    cordon_runner: UseCase[CordonRunnerCommand, RunnerStatus]
    uncordon_runner: UseCase[UncordonRunnerCommand, RunnerStatus]
    pause_runner: UseCase[PauseRunnerCommand, RunnerStatus]
    drain_runner: UseCase[DrainRunnerCommand, RunnerStatus]
    remove_runner: UseCase[RemoveRunnerCommand, None]
    add_runner: UseCase[AddRunnerCommand, RunnerStatus]
    check_runner: UseCase[CheckRunnerCommand, RunnerStatus]
    show_host_key: UseCase[ShowHostKeyCommand, HostKey]
    add_agent: UseCase[AddAgentCommand, Invitation]
    invite_agent: UseCase[InviteAgentCommand, Invited]
    revoke_agent: UseCase[RevokeAgentCommand, int]
