"""Edit an account: its e-mail, whether it is let in, whether it looks after the whole instance."""

from dataclasses import dataclass, replace

from ...domain.accounts.account import Account
from ..ports.accounts_work import AccountsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAccountCommand:
    """The account, and what shall be different; None leaves things as they are."""

    name: str
    email: str | None = None
    disabled: bool | None = None
    instance_admin: bool | None = None


class EditAccount:
    """What it changes counts everywhere within seconds, for tokens that are in use too."""

    def __init__(self, begin: Begin[AccountsWork]) -> None:
        self._begin = begin

    def execute(self, command: EditAccountCommand) -> Account:
        """The account as edited, or `AccountNotFound`, or `InvalidAccount`."""
        with self._begin() as work:
            account = work.accounts.named(command.name)
            edited = replace(
                account,
                email=account.email if command.email is None else command.email,
                instance_admin=account.instance_admin if command.instance_admin is None else command.instance_admin,
            )
            if command.disabled is not None:
                edited = edited.disabled(now=work.now()) if command.disabled else edited.enabled()
            work.accounts.save(edited)
            work.commit()
        return edited
