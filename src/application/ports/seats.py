"""The seats of concurrency keys."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ...domain.jobs.ids import JobId
from ...domain.jobs.seating import PlaceInLine, Seating


class SeatReading(Protocol):
    """Who waits for whom."""

    def places(self, ids: Collection[JobId]) -> dict[JobId, PlaceInLine]:
        """The places of these jobs; those that stand in no line are missing."""

    def look(self, key: str) -> Seating:
        """The key as it is, nothing locked: its holders, and how many wait; one that nobody used is empty."""


class Seats(SeatReading, Protocol):
    """The keys of this service. Who holds a seat and who waits follows from the jobs, as `Jobs` stores them."""

    def keys_of(self, ids: Collection[JobId]) -> dict[JobId, str]:
        """The keys that these jobs were born with; those without one are missing. Locks nothing."""

    def lock(self, wanted: Mapping[str, int], *, counted: bool = False) -> list[Seating]:
        """These keys, locked in their order, each with the first so many of its line.

        A key that nobody used before is made, with one seat. Must come before `Jobs.lock`. Unless `counted`,
        `waiting` is the length of the line as far as it was asked for.
        """

    def save_all(self, seatings: Sequence[Seating]) -> None:
        """Store the limits of keys that are locked."""

    def restless(self, k: int) -> list[JobId]:
        """Up to `k` jobs with a key that should be looked at: they are due, or first in line for a free seat.

        Locks nothing, so what it says has to be seen again under the locks.
        """
