"""Accounts, each with its roles."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from ...domain.accounts.account import Account, AccountKind
from ...domain.accounts.errors import AccountExists, AccountNotFound
from ...domain.accounts.ids import AccountId
from ...domain.accounts.permissions import Role
from .batch import insert_new
from .tables.accounts import ACCOUNT, MEMBERSHIP


class SqlAccountReading:
    """Accounts as they are read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Account]:
        return self._found(select(ACCOUNT).order_by(ACCOUNT.c.name))

    def get(self, account_id: AccountId) -> Account | None:
        return next(iter(self._found(select(ACCOUNT).where(ACCOUNT.c.id == account_id))), None)

    def named(self, name: str) -> Account:
        return self._one(name, select(ACCOUNT).where(ACCOUNT.c.name == name))

    def _one(self, name: str, query: Select[Any]) -> Account:
        for account in self._found(query) if "\0" not in name else ():
            return account
        raise AccountNotFound(name)

    def _found(self, query: Select[Any]) -> list[Account]:
        rows = self._connection.execute(query).all()
        roles: dict[str, dict[str, Role]] = {row.id: {} for row in rows}
        wanted = select(MEMBERSHIP) if len(rows) > 1 else select(MEMBERSHIP).where(MEMBERSHIP.c.account_id.in_(roles))
        for row in self._connection.execute(wanted) if rows else ():
            roles.get(row.account_id, {})[row.project] = Role(row.role)
        return [_account(row, roles[row.id]) for row in rows]


class SqlAccounts(SqlAccountReading):
    """Accounts as use cases change them."""

    def named(self, name: str) -> Account:
        return self._one(name, select(ACCOUNT).where(ACCOUNT.c.name == name).with_for_update())

    def add(self, account: Account) -> None:
        if not insert_new(self._connection, ACCOUNT, "name", [{"id": account.id, **_values(account)}]):
            raise AccountExists(account.name)
        self._keep_roles(account)

    def save(self, account: Account) -> None:
        changed = update(ACCOUNT).where(ACCOUNT.c.id == account.id).values(_values(account))
        if self._connection.execute(changed).rowcount == 0:
            raise AccountNotFound(account.name)
        self._connection.execute(delete(MEMBERSHIP).where(MEMBERSHIP.c.account_id == account.id))
        self._keep_roles(account)

    def _keep_roles(self, account: Account) -> None:
        rows = [
            {"account_id": account.id, "project": project, "role": role.value}
            for project, role in sorted(account.roles.items())
        ]
        if rows:
            self._connection.execute(insert(MEMBERSHIP), rows)


def _values(account: Account) -> Mapping[str, Any]:
    return {
        "name": account.name,
        "kind": account.kind.value,
        "email": account.email,
        "password_hash": account.password_hash,
        "instance_admin": account.instance_admin,
        "created_at": account.created_at,
        "disabled_at": account.disabled_at,
    }


def _account(row: Row[Any], roles: Mapping[str, Role]) -> Account:
    return Account(
        id=AccountId(row.id),
        name=row.name,
        kind=AccountKind(row.kind),
        created_at=row.created_at,
        email=row.email,
        password_hash=row.password_hash,
        instance_admin=row.instance_admin,
        roles=roles,
        disabled_at=row.disabled_at,
    )
