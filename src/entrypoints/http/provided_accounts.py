"""The use cases of accounts, as the door needs them."""

from dataclasses import dataclass

from ...application.accounts.create_account import CreateAccountCommand
from ...application.accounts.create_project import CreateProjectCommand
from ...application.accounts.create_token import CreateTokenCommand, Issued
from ...application.accounts.edit_account import EditAccountCommand
from ...application.accounts.get_account import GetAccountCommand
from ...application.accounts.list_accounts import ListAccountsCommand
from ...application.accounts.list_members import ListMembersCommand
from ...application.accounts.list_projects import ListProjectsCommand
from ...application.accounts.list_tokens import ListTokensCommand, TokenRecord
from ...application.accounts.revoke_token import RevokeTokenCommand
from ...application.accounts.rotate_token import RotateTokenCommand
from ...application.accounts.set_password import SetPasswordCommand
from ...application.accounts.set_role import SetRoleCommand
from ...application.limits.change_limits import ChangeLimitsCommand
from ...application.limits.get_project import GetProjectCommand, ProjectStatus
from ...application.ports.calling import UseCase
from ...domain.accounts.account import Account
from ...domain.accounts.projects import Project
from ...domain.limits.limits import ProjectLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedAccounts:
    """Ready-made use cases."""

    list_projects: UseCase[ListProjectsCommand, list[Project]]
    create_project: UseCase[CreateProjectCommand, Project]
    get_project: UseCase[GetProjectCommand, ProjectStatus]
    change_limits: UseCase[ChangeLimitsCommand, ProjectLimits]
    list_members: UseCase[ListMembersCommand, list[Account]]
    set_role: UseCase[SetRoleCommand, Account]
    list_accounts: UseCase[ListAccountsCommand, list[Account]]
    create_account: UseCase[CreateAccountCommand, Account]
    get_account: UseCase[GetAccountCommand, Account]
    edit_account: UseCase[EditAccountCommand, Account]
    set_password: UseCase[SetPasswordCommand, None]
    list_tokens: UseCase[ListTokensCommand, list[TokenRecord]]
    create_token: UseCase[CreateTokenCommand, Issued]
    rotate_token: UseCase[RotateTokenCommand, Issued]
    revoke_token: UseCase[RevokeTokenCommand, None]
