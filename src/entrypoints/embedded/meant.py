"""Which jobs the library means, as the core asks for them."""

from collections.abc import Iterable
from datetime import datetime

from ...application.ports.jobs import JobFilter
from ...domain.jobs.states import JobState
from ..client.errors import RunyardClientError
from ..client.fields import JobsMeant


def filter_of(states: Iterable[str], asked: JobsMeant, id_part: str | None = None) -> JobFilter:
    """The filter, or what is wrong with it."""
    return JobFilter(
        states=frozenset(_state(name) for name in states),
        id_part=id_part,
        project=asked.get("project"),
        owner=asked.get("owner"),
        queue=asked.get("queue"),
        name=asked.get("name"),
        labels=frozenset(asked.get("labels", {}).items()),
        created_after=moment_of(asked.get("created_after")),
        created_before=moment_of(asked.get("created_before")),
    )


def moment_of(said: datetime | str | None) -> datetime | None:
    """The moment, which has a zone; or what is wrong with it."""
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else said
        wrong = moment is not None and moment.tzinfo is None
    except ValueError:
        moment, wrong = None, True
    if wrong:
        raise RunyardClientError(
            f"{said!r} is no moment", code="bad-parameter", advice="Write it as 2030-01-31T12:00:00Z."
        )
    return moment


def _state(name: str) -> JobState:
    try:
        return JobState(name)
    except ValueError:
        raise RunyardClientError(
            f"{name!r} is no state of a job", code="unknown-state", advice=f"Known are {', '.join(JobState)}."
        ) from None
