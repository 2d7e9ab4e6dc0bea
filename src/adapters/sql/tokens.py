"""API tokens: what is kept of them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ...domain.accounts.errors import TokenNotFound
from ...domain.accounts.ids import AccountId, TokenId
from ...domain.accounts.permissions import Permission
from ...domain.accounts.tokens import Token
from .documents import document
from .tables.accounts import TOKEN


class SqlTokens:
    """Tokens, to read and to change; a transaction that only reads locks nothing."""

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        self._connection = connection
        self._locking = locking

    def get(self, token_id: TokenId) -> Token:
        found = select(TOKEN).where(TOKEN.c.id == token_id)
        query = found.with_for_update() if self._locking else found
        row = self._connection.execute(query).one_or_none() if "\0" not in token_id else None
        if row is None:
            raise TokenNotFound(token_id)
        return _token(row)

    def of(self, account_id: AccountId) -> list[Token]:
        mine = select(TOKEN).where(TOKEN.c.account_id == account_id)
        return [_token(row) for row in self._connection.execute(mine.order_by(TOKEN.c.created_at, TOKEN.c.id))]

    def add(self, token: Token) -> None:
        self._connection.execute(insert(TOKEN).values(id=token.id, **_values(token)))

    def save(self, token: Token) -> None:
        self._connection.execute(update(TOKEN).where(TOKEN.c.id == token.id).values(**_values(token)))


def _values(token: Token) -> Mapping[str, Any]:
    return {
        "account_id": token.account_id,
        "hash": token.hash,
        "name": token.name,
        "scopes": None if token.scopes is None else document(sorted(token.scopes)),
        "life": int(token.life.total_seconds()),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "replaced_by": token.replaced_by,
        "last_used_at": token.last_used_at,
    }


def _token(row: Row[Any]) -> Token:
    scopes = None if row.scopes is None else frozenset(Permission(each) for each in json.loads(row.scopes))
    return Token(
        id=TokenId(row.id),
        account_id=AccountId(row.account_id),
        hash=row.hash,
        name=row.name,
        scopes=scopes,
        life=timedelta(seconds=row.life),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        replaced_by=None if row.replaced_by is None else TokenId(row.replaced_by),
        last_used_at=row.last_used_at,
    )
