"""What jobs leave behind that belongs to no job alone."""

from typing import Protocol


class Leftovers(Protocol):
    """Lanes and concurrency keys are made when a job needs them. What somebody is about to use is left alone: whoever
    needs one meanwhile has it, or makes it again.
    """

    def forget_lanes(self, most: int) -> int:
        """Remove up to so many lanes in which there is no unfinished job; how many that were."""

    def forget_keys(self, most: int) -> int:
        """Remove up to so many concurrency keys, with their limits, that no unfinished job has; how many that were."""
