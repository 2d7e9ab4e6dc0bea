"""The core's refusals as the errors of the library, the same as over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...domain.errors import InvalidFields, Refusal, RunyardError
from ...domain.jobs.errors import InvalidJob
from ..client.errors import RunyardClientError
from ..http.bodies import UnreadableBody

_ADVICE = {
    Refusal.INVALID: "Correct what is named and try again.",
    Refusal.UNAUTHENTICATED: "Use a token that opens the door.",
    Refusal.FORBIDDEN: "Use a token that may do this.",
    Refusal.NOT_FOUND: "See the jobs there are with `yard.list()`.",
    Refusal.LIMITED: "Wait until there is room, then try again.",
    Refusal.CONFLICT: "Look at what is there now, then decide.",
    Refusal.UNAVAILABLE: "Wait a moment, then try again.",
}


@contextmanager
def told() -> Iterator[None]:
    """A refusal of what happens inside, as the library tells it."""
    try:
        yield
    except UnreadableBody as unreadable:
        advice = "Use text that is valid Unicode, and numbers that are finite."
        raise RunyardClientError(str(unreadable), code="unreadable-body", advice=advice) from None
    except RunyardError as refusal:
        raise as_client_error(refusal) from refusal


def as_client_error(refusal: RunyardError) -> RunyardClientError:
    """The refusal as the library tells it."""
    if isinstance(refusal, InvalidFields):
        errors = [(problem.pointer, problem.detail) for problem in refusal.problems]
        advice = "Correct what is named and submit again."
        what = "the job cannot be run" if isinstance(refusal, InvalidJob) else "it cannot be taken so"
        return RunyardClientError(what, code=refusal.code, advice=advice, errors=errors)
    return RunyardClientError(str(refusal), code=refusal.code, advice=_ADVICE[refusal.refusal])
