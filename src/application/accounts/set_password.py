"""Set a password."""

from dataclasses import dataclass, field, replace

from ...domain.accounts.account import check_password
from ...domain.accounts.errors import InvalidAccount
from ...domain.errors import FieldProblem
from ..ports.accounts import Passwords
from ..ports.accounts_work import AccountsReading, AccountsWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPasswordCommand:
    """The account, its new password and, where it is needed, the old one."""

    name: str
    new: str = field(repr=False)
    old: str | None = field(default=None, repr=False)
    needs_old: bool = True


class SetPassword:
    """Changes what logs in. Tokens that exist stay good: revoke those that should not."""

    def __init__(self, read: Begin[AccountsReading], begin: Begin[AccountsWork], passwords: Passwords) -> None:
        self._read = read
        self._begin = begin
        self._passwords = passwords

    def execute(self, command: SetPasswordCommand) -> None:
        """Nothing, or `InvalidAccount` for a wrong old one or a weak new one."""
        check_password(command.new)
        with self._read() as reading:
            account = reading.accounts.named(command.name)
        if command.needs_old and not self._passwords.matches(command.old or "", account.password_hash):
            raise InvalidAccount([FieldProblem("/old", "is not the password so far")])
        kept = self._passwords.hashed(command.new)
        with self._begin() as work:
            work.accounts.save(replace(work.accounts.named(command.name), password_hash=kept))
            work.commit()
