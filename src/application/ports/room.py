"""Room for what is still to come."""

from typing import Protocol

from .work import StoreUnavailable


class StorageFull(StoreUnavailable):
    """There is too little room left to accept anything new. It passes when somebody makes room."""

    code = "storage-full"


class Room(Protocol):
    """The place where everything is stored."""

    def require(self) -> None:
        """`StorageFull`, with what to do, unless there is enough room to accept more. Quick; never waits."""
