"""Identities of accounts and tokens."""

from typing import NewType

AccountId = NewType("AccountId", str)
TokenId = NewType("TokenId", str)
