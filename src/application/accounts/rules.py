"""What each use case takes: one table from its command to the rule that lets an actor have it executed.

A rule returns the command, narrowed to what the actor may mean, or raises. What is hidden from an actor is refused with
the very error that an unknown name gets.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from ...domain.accounts.access import Actor, Resource, Verdict, authorize, projects_of, reach, refusal
from ...domain.accounts.permissions import Permission
from ...domain.accounts.projects import ProjectNotFound
from ...domain.errors import RunyardError
from ...domain.jobs.errors import JobNotFound
from ...domain.jobs.ids import JobId
from ..audit.list_audit import ListAuditCommand
from ..jobs.cancel_job import CancelJobCommand
from ..jobs.cancel_jobs import CancelJobsCommand
from ..jobs.create_jobs import CreateJobsCommand
from ..jobs.explain_job import ExplainJobCommand
from ..jobs.force_finish import ForceFinishCommand
from ..jobs.get_job import GetJobCommand
from ..jobs.get_summary import GetSummaryCommand
from ..jobs.list_attempts import ListAttemptsCommand
from ..jobs.list_jobs import ListJobsCommand
from ..jobs.list_queues import ListQueuesCommand
from ..jobs.pause_job import PauseJobCommand
from ..jobs.pause_queue import PauseQueueCommand
from ..jobs.read_log import ReadLogCommand
from ..jobs.rerun_job import RerunJobCommand
from ..jobs.rerun_jobs import RerunJobsCommand
from ..jobs.resume_job import ResumeJobCommand
from ..jobs.resume_queue import ResumeQueueCommand
from ..limits.change_limits import ChangeLimitsCommand
from ..limits.get_project import GetProjectCommand
from ..observability.read_gauges import ReadGaugesCommand
from ..ports.work import Begin
from ..runners.add_agent import AddAgentCommand
from ..runners.add_runner import AddRunnerCommand
from ..runners.check_runner import CheckRunnerCommand
from ..runners.cordon_runner import CordonRunnerCommand
from ..runners.drain_runner import DrainRunnerCommand
from ..runners.edit_runner import EditRunnerCommand
from ..runners.get_runner import GetRunnerCommand
from ..runners.invite_agent import InviteAgentCommand
from ..runners.list_runner_events import ListRunnerEventsCommand
from ..runners.list_runners import ListRunnersCommand
from ..runners.pause_runner import PauseRunnerCommand
from ..runners.remove_runner import RemoveRunnerCommand
from ..runners.revoke_agent import RevokeAgentCommand
from ..runners.show_host_key import ShowHostKeyCommand
from ..runners.uncordon_runner import UncordonRunnerCommand
from ..secrets.list_secrets import ListSecretsCommand
from ..secrets.remove_secret import RemoveSecretCommand
from ..secrets.rotate_key import RotateKeyCommand
from ..secrets.set_secret import SetSecretCommand
from .account_rules import (
    change_limits,
    create_token,
    get_project,
    list_audit,
    of_instance,
    on_account,
    on_members,
    on_tokens,
    set_password,
)
from .create_account import CreateAccountCommand
from .create_project import CreateProjectCommand
from .create_token import CreateTokenCommand
from .edit_account import EditAccountCommand
from .get_account import GetAccountCommand
from .list_accounts import ListAccountsCommand
from .list_members import ListMembersCommand
from .list_projects import ListProjectsCommand
from .list_tokens import ListTokensCommand
from .requiring import GuardReading, Rule, require
from .revoke_token import RevokeTokenCommand
from .rotate_token import RotateTokenCommand
from .runner_rules import add_agent, edit_runner, get_runner, on_runner
from .secret_rules import list_secrets, remove_secret, set_secret
from .set_password import SetPasswordCommand
from .set_role import SetRoleCommand

_P = Permission
C = TypeVar("C")
Q = TypeVar("Q", PauseQueueCommand, ResumeQueueCommand)
L = TypeVar("L", ListRunnersCommand, ListProjectsCommand)


def _on_job(action: Permission) -> Rule:
    def rule(actor: Actor, command: C, read: Begin[GuardReading]) -> C:
        job_id: JobId = command.job_id  # type: ignore[attr-defined] # every command under this rule names one job
        require(actor, action, _job(job_id, read), JobNotFound(job_id))
        return command

    return rule


def _job(job_id: JobId, read: Begin[GuardReading]) -> Resource | None:
    with read() as reading:
        found = reading.jobs.whose(job_id)
    if found is None:
        return None
    return Resource(project=found.project, owner=found.owner, job=job_id, parent=found.parent)


def _list_jobs(actor: Actor, command: ListJobsCommand, _: Begin[GuardReading]) -> ListJobsCommand:
    return replace(command, which=replace(command.which, reach=reach(actor, _P.SEE)))


def _cancel_jobs(actor: Actor, command: CancelJobsCommand, _: Begin[GuardReading]) -> CancelJobsCommand:
    wanted = command.which.project
    if wanted is not None:  # by name, so that who may not is told, and does not wonder why nothing happened
        own = Resource(project=wanted, owner=actor.name, job=actor.job, parent=actor.job)
        require(actor, _P.STEER, own, ProjectNotFound(wanted))
    return replace(command, which=replace(command.which, reach=reach(actor, _P.STEER)))


def _rerun_jobs(actor: Actor, command: RerunJobsCommand, _: Begin[GuardReading]) -> RerunJobsCommand:
    wanted = command.which.project
    if wanted is not None:
        require(actor, _P.SUBMIT, Resource(project=wanted), ProjectNotFound(wanted))
    key = command.key if actor.job is None else None  # a job may rerun none, and uses up no key of its owner's
    return replace(command, which=replace(command.which, reach=reach(actor, _P.SUBMIT)), owner=actor.name, key=key)


def _create_jobs(actor: Actor, command: CreateJobsCommand, _: Begin[GuardReading]) -> CreateJobsCommand:
    """Each submission by itself: one that is refused hinders no other. What a job submits is known as its."""
    refused, unseen = dict[int, RunyardError](), dict[int, RunyardError]()
    for place, spec in enumerate(submission.spec for submission in command.submissions):
        try:
            require(actor, _P.SUBMIT, Resource(project=spec.project, owner=spec.owner), ProjectNotFound(spec.project))
        except RunyardError as refusal_of_one:
            refused[place] = refusal_of_one
        hidden = _unseen(actor, spec.project)
        unseen |= {place: hidden} if hidden else {}
    parent = None if actor.job is None else JobId(actor.job)
    submissions = [replace(each, spec=replace(each.spec, parent=parent)) for each in command.submissions]
    made = submissions if parent else command.submissions
    return replace(command, submissions=made, refused=refused, unseen=unseen)


def _unseen(actor: Actor, project: str) -> RunyardError | None:
    """What to say instead of somebody else's job that has the key of a submission, to who may submit and not see."""
    within = Resource(project=project)
    return None if authorize(actor, _P.SEE, within) is Verdict.ALLOWED else refusal(actor, _P.SEE, within)


def _explain_job(actor: Actor, command: ExplainJobCommand, read: Begin[GuardReading]) -> ExplainJobCommand:
    if isinstance(command.job, str):
        require(actor, _P.SEE, _job(command.job, read), JobNotFound(command.job))
    else:
        spec = command.job
        require(actor, _P.SUBMIT, Resource(project=spec.project, owner=spec.owner), ProjectNotFound(spec.project))
    return command


def _rerun_job(actor: Actor, command: RerunJobCommand, read: Begin[GuardReading]) -> RerunJobCommand:
    found, missing = _job(command.job_id, read), JobNotFound(command.job_id)
    require(actor, _P.SUBMIT, found and replace(found, owner=None), missing)
    if found and found.owner != actor.name:  # the answer tells what the old one was
        require(actor, _P.SEE, found, missing)
    return replace(command, owner=actor.name, unseen=_unseen(actor, found.project or "") if found else None)


def _list_queues(actor: Actor, command: ListQueuesCommand, _: Begin[GuardReading]) -> ListQueuesCommand:
    return replace(command, projects=_narrowed(command.projects, projects_of(actor, _P.SEE)))


def _on_queue(actor: Actor, command: Q, _: Begin[GuardReading]) -> Q:
    require(actor, _P.MANAGE_QUEUES, Resource(project=command.project), ProjectNotFound(command.project))
    return command


def _list_of_projects(actor: Actor, command: L, _: Begin[GuardReading]) -> L:
    return replace(command, projects=_narrowed(command.projects, projects_of(actor, _P.SEE)))


def _narrowed(asked: frozenset[str] | None, allowed: frozenset[str] | None) -> frozenset[str] | None:
    if asked is None or allowed is None:
        return allowed if asked is None else asked
    return asked & allowed


RULES: Final[Mapping[type, Rule]] = {
    CreateJobsCommand: _create_jobs,
    RerunJobCommand: _rerun_job,
    RerunJobsCommand: _rerun_jobs,
    ExplainJobCommand: _explain_job,
    GetJobCommand: _on_job(_P.SEE),
    GetSummaryCommand: _on_job(_P.SEE),
    ListJobsCommand: _list_jobs,
    ListAttemptsCommand: _on_job(_P.SEE),
    ReadLogCommand: _on_job(_P.SEE),
    CancelJobCommand: _on_job(_P.STEER),
    CancelJobsCommand: _cancel_jobs,
    PauseJobCommand: _on_job(_P.STEER),
    ResumeJobCommand: _on_job(_P.STEER),
    ForceFinishCommand: _on_job(_P.FORCE_FINISH),
    ListQueuesCommand: _list_queues,
    PauseQueueCommand: _on_queue,
    ResumeQueueCommand: _on_queue,
    ListRunnersCommand: _list_of_projects,
    GetRunnerCommand: get_runner,
    ListRunnerEventsCommand: get_runner,
    EditRunnerCommand: edit_runner,
    CordonRunnerCommand: on_runner(_P.MANAGE_RUNNERS),
    UncordonRunnerCommand: on_runner(_P.MANAGE_RUNNERS),
    PauseRunnerCommand: on_runner(_P.MANAGE_RUNNERS),
    DrainRunnerCommand: on_runner(_P.MANAGE_RUNNERS),
    AddRunnerCommand: of_instance(_P.REACH_HOSTS),
    AddAgentCommand: add_agent,
    InviteAgentCommand: on_runner(_P.MANAGE_RUNNERS),
    RevokeAgentCommand: on_runner(_P.MANAGE_RUNNERS),
    ShowHostKeyCommand: of_instance(_P.REACH_HOSTS),
    CheckRunnerCommand: on_runner(_P.MANAGE_RUNNERS),
    RemoveRunnerCommand: on_runner(_P.SHARE_RUNNERS),
    ReadGaugesCommand: of_instance(_P.SEE_METRICS),
    ListSecretsCommand: list_secrets,
    SetSecretCommand: set_secret,
    RemoveSecretCommand: remove_secret,
    RotateKeyCommand: of_instance(_P.ROTATE_KEYS),
    ListProjectsCommand: _list_of_projects,
    CreateProjectCommand: of_instance(_P.MANAGE_PROJECTS),
    GetProjectCommand: get_project,
    ChangeLimitsCommand: change_limits,
    ListMembersCommand: on_members,
    SetRoleCommand: on_members,
    ListAccountsCommand: of_instance(_P.MANAGE_ACCOUNTS),
    CreateAccountCommand: of_instance(_P.MANAGE_ACCOUNTS),
    EditAccountCommand: of_instance(_P.MANAGE_ACCOUNTS),
    GetAccountCommand: on_account,
    SetPasswordCommand: set_password,
    CreateTokenCommand: create_token,
    ListTokensCommand: on_tokens,
    RotateTokenCommand: on_tokens,
    RevokeTokenCommand: on_tokens,
    ListAuditCommand: list_audit,
}
"""Every command that comes through a door."""
