"""What can go wrong on this side of the wire, and what to do about it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

START_OR_NAME_ONE: Final = "Start one with `runyard up`, or name one with --url or RUNYARD_URL."
LOG_IN: Final = "Log in with `runyard login`, or give a token with --token-file, RUNYARD_TOKEN or RUNYARD_TOKEN_FILE."

_ANOTHER_NAME: Final = "Choose another name."

_ADVICE: Final[Mapping[int, str]] = {
    400: "Check the request; `runyard COMMAND --help` shows what is expected.",
    401: LOG_IN,
    403: "Use a token that may do this.",
    404: "See the jobs there are with `runyard ps -a`.",
    409: "Look at it again, with `runyard job show JOB` for a job, then decide.",
    412: "Look at it again, then decide.",
    413: "Make the request smaller; put large input into a file.",
    422: "Correct what is named, and try again.",
    429: "Wait a moment, then try again.",
    503: "Wait a moment, then try again.",
}
_ADVICE_BY_CODE: Final[Mapping[str, str]] = {
    "account-exists": _ANOTHER_NAME,
    "account-not-found": "See the accounts there are with `runyard user list`, if you may.",
    "project-exists": _ANOTHER_NAME,
    "project-not-found": "See yours with `runyard project list`, and name one with --project.",
    "queue-not-found": "See the queues there are with `runyard queue list`.",
    "runner-name-taken": _ANOTHER_NAME,
    "token-not-found": "See the tokens there are with `runyard token list`.",
    "token-spent": "Make another with `runyard token create`.",
    "runner-not-found": "See the runners there are with `runyard runner list`.",
    "secret-not-found": "See the secrets there are with `runyard secret list`.",
    "sealing-key-unavailable": "Whoever runs the server must give it the key that is named.",
    "queued-limit-reached": "Try again when fewer of its jobs wait; see `runyard project show`.",
    "runner-in-use": "Look at it with `runyard runner show RUNNER`.",
}
_PASSING: Final = frozenset({429, 502, 503, 504})
_REPORT_IT: Final = "Look into the server's log; the request is {request_id}."
_CHECK_VERSIONS: Final = "Compare both sides with `runyard version`."


class RunyardClientError(Exception):
    """A call that failed. `str(error)` is a sentence; `code` is stable; `advice` says what to do next.

    `status` is the HTTP status, if an answer came; `errors` are pairs of a JSON pointer and a sentence.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: str,
        advice: str,
        status: int | None = None,
        errors: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.advice = advice
        self.status = status
        self.errors = tuple(errors)

    def __str__(self) -> str:
        unsaid = [each for each in self.errors if not all(part in self.detail for part in each)]
        return "; ".join([self.detail, *(f"{pointer}: {said}" for pointer, said in unsaid)])


class ServerUnreachable(RunyardClientError):
    """Nobody answered at the address, or none is known. `unsure`: what was asked may have been done all the same."""

    def __init__(
        self,
        detail: str,
        *,
        code: str = "server-unreachable",
        advice: str = START_OR_NAME_ONE,
        unsure: bool = False,
    ) -> None:
        super().__init__(detail, code=code, advice=advice)
        self.unsure = unsure


class NotLoggedIn(RunyardClientError):
    """There is no token to present."""

    def __init__(self, detail: str, *, advice: str = LOG_IN) -> None:
        super().__init__(detail, code="no-token", advice=advice)


class WaitTimedOut(RunyardClientError, TimeoutError):
    """The job had not finished within the time given; it goes on."""

    def __init__(self, job_id: str, seconds: float) -> None:
        super().__init__(
            f"job {job_id} had not finished after {seconds:g} s",
            code="wait-timed-out",
            advice=f"It goes on; see it with `runyard job show {job_id}`.",
        )


def passing(error: RunyardClientError) -> bool:
    """Whether it may well be over in a moment."""
    return isinstance(error, ServerUnreachable) or error.status in _PASSING


def refused(status: int, body: Any) -> RunyardClientError:
    """The error in an answer: a problem document, or whatever came instead of one."""
    problem = body if isinstance(body, dict) else {}
    request_id = problem.get("request_id") or "unnamed"
    code = str(problem.get("type", "")).rpartition(":")[2] or f"http-{status}"
    advice = (
        _ADVICE_BY_CODE.get(code)
        or _ADVICE.get(status)
        or (_REPORT_IT.format(request_id=request_id) if status >= 500 else _CHECK_VERSIONS)
    )
    return RunyardClientError(
        str(problem.get("detail") or problem.get("title") or f"the server answered {status}"),
        code=code,
        advice=advice,
        status=status,
        errors=[(_place(each), str(each.get("detail", ""))) for each in problem.get("errors") or ()],
    )


def _place(error: Mapping[str, Any]) -> str:
    return str(error.get("pointer") or error.get("parameter") or error.get("header") or "")
