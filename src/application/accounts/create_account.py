"""Create an account: a person who may log in, or a program that has tokens only."""

from dataclasses import dataclass, field

from ...domain.accounts.account import Account, AccountKind, check_password
from ..ports.accounts import Passwords
from ..ports.accounts_work import AccountsWork
from ..ports.system import Identifiers
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccountCommand:
    """Who it is. Without a password there is no logging in, but there are tokens."""

    name: str
    kind: AccountKind = AccountKind.USER
    email: str | None = None
    password: str | None = field(default=None, repr=False)
    instance_admin: bool = False


class CreateAccount:
    """Makes an account known. It has no role anywhere yet."""

    def __init__(self, begin: Begin[AccountsWork], identifiers: Identifiers, passwords: Passwords) -> None:
        self._begin = begin
        self._identifiers = identifiers
        self._passwords = passwords

    def execute(self, command: CreateAccountCommand) -> Account:
        """The account, or `AccountExists`, or `InvalidAccount`."""
        kept = None
        if command.password is not None:
            check_password(command.password)
            kept = self._passwords.hashed(command.password)
        with self._begin() as work:
            account = Account(
                id=self._identifiers.account_id(),
                name=command.name,
                kind=command.kind,
                created_at=work.now(),
                email=command.email,
                password_hash=kept,
                instance_admin=command.instance_admin,
            )
            work.accounts.add(account)
            work.commit()
        return account
