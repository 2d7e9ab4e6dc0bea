"""List the members of a project."""

from dataclasses import dataclass

from ...domain.accounts.account import Account
from ..ports.accounts_work import AccountsReading
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMembersCommand:
    """The project."""

    project: str


class ListMembers:
    """Reads who has a role there."""

    def __init__(self, read: Begin[AccountsReading]) -> None:
        self._read = read

    def execute(self, command: ListMembersCommand) -> list[Account]:
        """The accounts that have a role in the project, by name, or `ProjectNotFound`."""
        with self._read() as reading:
            project = reading.projects.get(command.project).name
            return [account for account in reading.accounts.all() if project in account.roles]
