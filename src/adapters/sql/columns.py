"""Types of columns that mean the same on both databases."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, Boolean, DateTime, Dialect, Integer, LargeBinary, Text, TypeDecorator
from sqlalchemy.types import TypeEngine


class _UtcText(TypeDecorator[datetime]):
    """A moment as text that sorts by time: always UTC, always six digits of the second."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - signature
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature
        return None if value is None else datetime.fromisoformat(value)


class _Bit(TypeDecorator[bool]):
    """Yes and no where the database has numbers only."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - signature
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:  # noqa: ARG002 - signature
        return None if value is None else bool(value)


MOMENT: Final[TypeEngine[datetime]] = DateTime(timezone=True).with_variant(_UtcText(), "sqlite")
FLAG: Final[TypeEngine[bool]] = Boolean().with_variant(_Bit(), "sqlite")
TEXT: Final[TypeEngine[str]] = Text()
# Compared byte by byte, so that ranges and orders are those of Python whatever the database's locale.
KEY: Final[TypeEngine[str]] = Text().with_variant(Text(collation="C"), "postgresql")
DOCUMENT: Final[TypeEngine[str]] = Text()
NUMBER: Final[TypeEngine[int]] = Integer()
BIG: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
BLOB: Final[TypeEngine[bytes]] = LargeBinary()
