"""Accounts, their roles and their tokens."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint

from ....domain.accounts.account import AccountKind
from ....domain.accounts.permissions import Role
from ..columns import BIG, DOCUMENT, FLAG, KEY, MOMENT, TEXT
from .metadata import CLUSTERED, METADATA, one_of
from .projects import PROJECT

ACCOUNT: Final = Table(
    "account",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("name", KEY, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("email", TEXT),
    Column("password_hash", TEXT),
    Column("instance_admin", FLAG, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("disabled_at", MOMENT),
    UniqueConstraint("name"),
    CheckConstraint(one_of("kind", AccountKind), name="kind"),
    CheckConstraint("kind = 'user' or password_hash is null", name="password"),
    **CLUSTERED,
)

MEMBERSHIP: Final = Table(
    "membership",
    METADATA,
    Column("account_id", KEY, ForeignKey(ACCOUNT.c.id), primary_key=True),
    Column("project", KEY, ForeignKey(PROJECT.c.name), primary_key=True),
    Column("role", TEXT, nullable=False),
    CheckConstraint(one_of("role", Role), name="role"),
    **CLUSTERED,
)

TOKEN: Final = Table(
    "token",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("account_id", KEY, ForeignKey(ACCOUNT.c.id), nullable=False),
    Column("hash", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("scopes", DOCUMENT),
    Column("life", BIG, nullable=False),  # seconds
    Column("created_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("revoked_at", MOMENT),
    Column("replaced_by", KEY),
    Column("last_used_at", MOMENT),
    Index("ix_token_account_id", "account_id"),
    **CLUSTERED,
)
