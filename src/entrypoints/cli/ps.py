"""List jobs."""

from typing import Annotated, Final

from ...domain.jobs.states import FINAL_STATES, JobState
from .exits import WrongUsage
from .meant import ANY, Meant
from .options import HERE, PLAIN, Output, Server, flag, option
from .printing import jobs

_UNFINISHED: Final = tuple(state.value for state in JobState if state not in FINAL_STATES)


def ps(
    *,
    all: Annotated[bool, flag("all", "-a", help="Finished ones too.")] = False,  # noqa: A002 - named as typed
    state: Annotated[tuple[str, ...], option("state", help="Only these; may be repeated.")] = (),
    meant: Meant = ANY,
    limit: Annotated[int, option("limit", help="At most so many, newest first; 50 unless given.")] = 50,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """List jobs, newest first: those that have not finished, unless told otherwise."""
    unknown = set(state) - set(JobState)
    if unknown:
        raise WrongUsage(
            f"--state {', '.join(sorted(unknown))}: there is no such state; there are {', '.join(JobState)}"
        )
    if limit < 1:
        raise WrongUsage("--limit must be 1 or more")
    states = state or (None if all else _UNFINISHED)
    with server.connected() as client:
        jobs(client.list(state=states, limit=limit, **meant.filter()), output)
    return 0
