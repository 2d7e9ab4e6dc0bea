"""What one driver knows of the runner it drives. Lost with the driver; `AdoptRunner` and the host bring it back."""

from dataclasses import dataclass, field

from ...domain.jobs.ids import AttemptRef
from ...domain.runners.runner import Runner
from ..ports.executor import Started
from .claiming import Claiming


@dataclass(slots=True)
class Drive:
    """`fences`: the live attempts this driver follows on the host, under the fence it knows for each.

    `stopped`: those of them it has told to stand still, and not yet to go on. `begun`: those whose start is known and
    not yet stored. `claiming`: what it knows of lanes.
    """

    runner: Runner
    epoch: int
    fences: dict[AttemptRef, int] = field(default_factory=dict)
    stopped: set[AttemptRef] = field(default_factory=set)
    begun: list[Started] = field(default_factory=list)
    claiming: Claiming = field(default_factory=Claiming)

    @property
    def free(self) -> int:
        """Slots that are free as far as this driver knows; the store has the last word."""
        return max(0, self.runner.slots - len(self.fences))
