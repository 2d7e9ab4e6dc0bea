"""Set the role of an account in a project."""

from dataclasses import dataclass

from ...domain.accounts.account import Account
from ...domain.accounts.permissions import Role
from ..ports.accounts_work import AccountsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRoleCommand:
    """The project, the account, and what it shall be there; None is nothing."""

    project: str
    account: str
    role: Role | None


class SetRole:
    """Counts everywhere within seconds, for tokens that are in use too."""

    def __init__(self, begin: Begin[AccountsWork]) -> None:
        self._begin = begin

    def execute(self, command: SetRoleCommand) -> Account:
        """The account with its roles, or `ProjectNotFound`, or `AccountNotFound`."""
        with self._begin() as work:
            project = work.projects.get(command.project).name
            account = work.accounts.named(command.account).with_role(project, command.role)
            work.accounts.save(account)
            work.commit()
        return account
