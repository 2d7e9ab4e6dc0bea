"""What the audit trail tells of, and how: one table from commands. Whatever has no row here is routine."""

from collections.abc import Mapping
from typing import Final

from ...domain.accounts.permissions import Permission
from ..audit.acting import Deed
from ..audit.list_audit import ListAuditCommand
from ..audit.things import ACCOUNT, JOB, JOBS, LIMITS, PROJECT, QUEUE, RUNNER, SEALING_KEY, SECRET, STORE, TOKEN
from ..jobs.cancel_job import CancelJobCommand
from ..jobs.cancel_jobs import CancelJobsCommand
from ..jobs.force_finish import ForceFinishCommand
from ..jobs.pause_job import PauseJobCommand
from ..jobs.pause_queue import PauseQueueCommand
from ..jobs.rerun_jobs import RerunJobsCommand
from ..jobs.resume_job import ResumeJobCommand
from ..jobs.resume_queue import ResumeQueueCommand
from ..limits.change_limits import ChangeLimitsCommand
from ..moving.export_store import ExportStoreCommand
from ..moving.import_store import ImportStoreCommand
from ..moving.mark_restored import MarkRestoredCommand
from ..runners.add_agent import AddAgentCommand
from ..runners.add_runner import AddRunnerCommand
from ..runners.check_runner import CheckRunnerCommand
from ..runners.cordon_runner import CordonRunnerCommand
from ..runners.drain_runner import DrainRunnerCommand
from ..runners.edit_runner import EditRunnerCommand
from ..runners.invite_agent import InviteAgentCommand
from ..runners.pause_runner import PauseRunnerCommand
from ..runners.register_runner import RegisterRunnerCommand
from ..runners.remove_runner import RemoveRunnerCommand
from ..runners.revoke_agent import RevokeAgentCommand
from ..runners.show_host_key import ShowHostKeyCommand
from ..runners.uncordon_runner import UncordonRunnerCommand
from ..secrets.remove_secret import RemoveSecretCommand
from ..secrets.rotate_key import RotateKeyCommand
from ..secrets.set_secret import SetSecretCommand
from .authenticate import AuthenticateCommand
from .create_account import CreateAccountCommand
from .create_project import CreateProjectCommand
from .create_token import CreateTokenCommand
from .edit_account import EditAccountCommand
from .list_accounts import ListAccountsCommand
from .list_members import ListMembersCommand
from .log_in import LogInCommand
from .revoke_token import RevokeTokenCommand
from .rotate_token import RotateTokenCommand
from .set_password import SetPasswordCommand
from .set_role import SetRoleCommand

_P = Permission

DEEDS: Final[Mapping[type, Deed]] = {
    LogInCommand: Deed("log_in", TOKEN),
    CreateProjectCommand: Deed("create_project", PROJECT, _P.MANAGE_PROJECTS, "name"),
    SetRoleCommand: Deed("set_role", ACCOUNT, _P.MANAGE_MEMBERS, "account"),
    ChangeLimitsCommand: Deed("change_limits", LIMITS, _P.MANAGE_LIMITS, "owner"),
    CreateAccountCommand: Deed("create_account", ACCOUNT, _P.MANAGE_ACCOUNTS, "name"),
    EditAccountCommand: Deed("edit_account", ACCOUNT, _P.MANAGE_ACCOUNTS, "name"),
    SetPasswordCommand: Deed("set_password", ACCOUNT, _P.MANAGE_OWN_TOKENS, "name"),
    CreateTokenCommand: Deed("create_token", TOKEN, _P.MANAGE_OWN_TOKENS, "account"),
    RotateTokenCommand: Deed("rotate_token", TOKEN, _P.MANAGE_OWN_TOKENS, "token_id"),
    RevokeTokenCommand: Deed("revoke_token", TOKEN, _P.MANAGE_OWN_TOKENS, "token_id"),
    SetSecretCommand: Deed("set_secret", SECRET, _P.MANAGE_SECRETS, "name"),
    RemoveSecretCommand: Deed("remove_secret", SECRET, _P.MANAGE_SECRETS, "name"),
    RotateKeyCommand: Deed("rotate_key", SEALING_KEY, _P.ROTATE_KEYS, once=True),
    AddRunnerCommand: Deed("add_runner", RUNNER, _P.REACH_HOSTS, "name"),
    AddAgentCommand: Deed("add_agent", RUNNER, _P.MANAGE_RUNNERS, "name"),
    InviteAgentCommand: Deed("invite_agent", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    RevokeAgentCommand: Deed("revoke_agent", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    EditRunnerCommand: Deed("edit_runner", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    CheckRunnerCommand: Deed("check_runner", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    CordonRunnerCommand: Deed("cordon_runner", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    UncordonRunnerCommand: Deed("uncordon_runner", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    PauseRunnerCommand: Deed("pause_runner", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    DrainRunnerCommand: Deed("drain_runner", RUNNER, _P.MANAGE_RUNNERS, "runner"),
    RemoveRunnerCommand: Deed("remove_runner", RUNNER, _P.SHARE_RUNNERS, "runner"),
    PauseQueueCommand: Deed("pause_queue", QUEUE, _P.MANAGE_QUEUES, "queue"),
    ResumeQueueCommand: Deed("resume_queue", QUEUE, _P.MANAGE_QUEUES, "queue"),
    ForceFinishCommand: Deed("force_finish", JOB, _P.FORCE_FINISH, "job_id"),
    CancelJobCommand: Deed("cancel_job", JOB, _P.STEER, "job_id"),
    PauseJobCommand: Deed("pause_job", JOB, _P.STEER, "job_id"),
    ResumeJobCommand: Deed("resume_job", JOB, _P.STEER, "job_id"),
    CancelJobsCommand: Deed("cancel_jobs", JOBS, _P.STEER),
    RerunJobsCommand: Deed("rerun_jobs", JOBS, _P.SUBMIT),
    ExportStoreCommand: Deed("export_store", STORE),
    ImportStoreCommand: Deed("import_store", STORE),
    MarkRestoredCommand: Deed("mark_restored", STORE, once=True),
    RegisterRunnerCommand: Deed("register_runner", RUNNER, named_by="name", quiet=True),
}
"""What is told in the transaction that does it. Steering a job is told of other people's jobs only. What runners do by
their own tokens is in `runners/by_itself.py`.
"""

LOOKS: Final[Mapping[type, Deed]] = {
    AuthenticateCommand: Deed("authenticate", TOKEN),
    ShowHostKeyCommand: Deed("show_host_key", RUNNER, _P.REACH_HOSTS),
    ListAccountsCommand: Deed("list_accounts", ACCOUNT, _P.MANAGE_ACCOUNTS),
    ListMembersCommand: Deed("list_members", PROJECT, _P.MANAGE_MEMBERS, "project"),
    ListAuditCommand: Deed("list_audit", STORE, _P.SEE_AUDIT),
}
"""What changes nothing, and is told when it is refused."""
