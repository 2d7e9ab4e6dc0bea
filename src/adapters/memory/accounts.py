"""Accounts and their tokens."""

from ...domain.accounts.account import Account
from ...domain.accounts.errors import AccountExists, AccountNotFound, TokenNotFound
from ...domain.accounts.ids import AccountId, TokenId
from ...domain.accounts.tokens import Token
from .state import State


class MemoryAccounts:
    """Accounts, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> list[Account]:
        return sorted(self._state.accounts.values(), key=lambda account: account.name)

    def get(self, account_id: AccountId) -> Account | None:
        return self._state.accounts.get(account_id)

    def named(self, name: str) -> Account:
        for account in self._state.accounts.values():
            if account.name == name:
                return account
        raise AccountNotFound(name)

    def add(self, account: Account) -> None:
        if any(each.name == account.name for each in self._state.accounts.values()):
            raise AccountExists(account.name)
        self._state.accounts[account.id] = account

    def save(self, account: Account) -> None:
        if account.id not in self._state.accounts:
            raise AccountNotFound(account.name)
        self._state.accounts[account.id] = account


class MemoryTokens:
    """Tokens, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, token_id: TokenId) -> Token:
        if token_id not in self._state.tokens:
            raise TokenNotFound(token_id)
        return self._state.tokens[token_id]

    def of(self, account_id: AccountId) -> list[Token]:
        found = (token for token in self._state.tokens.values() if token.account_id == account_id)
        return sorted(found, key=lambda token: (token.created_at, token.id))

    def add(self, token: Token) -> None:
        self._state.tokens[token.id] = token

    def save(self, token: Token) -> None:
        self._state.tokens[token.id] = token
