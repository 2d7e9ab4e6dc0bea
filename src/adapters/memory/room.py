"""Room that is there or not, as it is told."""

from ...application.ports.room import StorageFull


class MemoryRoom:
    """Enough, until it is said to be full."""

    def __init__(self) -> None:
        self.full = False

    def require(self) -> None:
        if self.full:
            raise StorageFull("there is no room left; make some")
