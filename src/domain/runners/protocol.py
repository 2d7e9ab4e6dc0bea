"""Which version of the protocol an agent and a server speak: each knows a range, and the newest both know counts."""

from dataclasses import dataclass
from typing import Final

from ..errors import Refusal, RunyardError


@dataclass(frozen=True, slots=True)
class Spoken:
    """The versions somebody speaks, the ends included."""

    oldest: int
    newest: int

    def __str__(self) -> str:
        return str(self.newest) if self.oldest == self.newest else f"{self.oldest} to {self.newest}"


SPOKEN: Final = Spoken(1, 1)
"""What this version speaks. A new version of the protocol keeps the one before, so neighbours understand each other."""

OF_THE_SILENT: Final = Spoken(1, 1)
"""What whoever says nothing speaks: a page of shell, say."""


class ProtocolUnknown(RunyardError):
    """Agent and server have no version in common."""

    refusal = Refusal.CONFLICT
    code = "protocol-unknown"

    def __init__(self, ours: Spoken, theirs: Spoken) -> None:
        older = "the agent" if theirs.newest < ours.oldest else "the server"
        super().__init__(
            f"the agent speaks version {theirs} of the protocol and this server version {ours}; update {older}"
        )


def agreed(ours: Spoken, theirs: Spoken) -> int:
    """The newest version that both speak, or `ProtocolUnknown`."""
    newest = min(ours.newest, theirs.newest)
    if newest < max(ours.oldest, theirs.oldest):
        raise ProtocolUnknown(ours, theirs)
    return newest
