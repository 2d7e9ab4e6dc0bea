"""A job's concurrency key, as everybody outside sees it."""

from typing import Self

from ...domain.jobs.concurrency import Concurrency, OnConflict
from ...domain.jobs.errors import named
from ...domain.jobs.seating import PlaceInLine
from .spec_views import View


class ConcurrencyView(View):
    """At most `limit` jobs of the key are under way at once."""

    key: str
    limit: int
    on_conflict: OnConflict
    max_waiting: int

    @classmethod
    def of(cls, concurrency: Concurrency | None) -> Self | None:
        if concurrency is None:
            return None
        return cls(
            key=concurrency.key,
            limit=concurrency.limit,
            on_conflict=concurrency.on_conflict,
            max_waiting=concurrency.max_waiting,
        )


class InLineView(View):
    """Where a job stands that waits for a seat of its key, from 1; of how many; and the jobs that hold the seats."""

    position: int
    waiting: int
    held_by: list[str]

    @classmethod
    def of(cls, place: PlaceInLine | None) -> Self | None:
        if place is None:
            return None
        return cls(position=place.position, waiting=place.waiting, held_by=list(place.holders))


def message_in_line(concurrency: Concurrency | None, place: PlaceInLine | None) -> str | None:
    """Whom a job in line waits for."""
    if concurrency is None or place is None:
        return None
    held = f"held by {named(place.holders)}" if place.holders else "free in a moment"
    return f"the key {concurrency.key!r} is {held}; this job is {place.position} of {place.waiting} in line"
