"""What the exit codes mean.

| code | means |
|---|---|
| 0 | done |
| 1 | a failure of ours |
| 2 | wrong usage, or a job that is refused as submitted |
| 3 | not found, or not unique |
| 4 | not logged in, or not allowed |
| 5 | a conflict with the job's state |
| 6 | the server cannot be reached |
| 7 | refused by a quota or a rate limit |
| 124 | `run`: the job ran into its timeout |
| 125 | `run`: not the job's own doing: unreachable, refused, lost, expired, log limit, cancelled by others |
| 126, 127 | `run`: the command cannot be executed, is not there |
| 130 | interrupted: `run` cancelled by Ctrl-C or left, `logs -f` left |
| 141 | nobody reads the output any more; `run` has cancelled the job |

Otherwise `run` exits with the job's own code, 128 + n when signal n ended it.
"""

from collections.abc import Mapping
from typing import Final

from ..client.errors import NotLoggedIn, RunyardClientError, ServerUnreachable
from ..client.jobs import JobSummary

OK: Final = 0
FAILURE: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
NOT_ALLOWED: Final = 4
CONFLICT: Final = 5
UNREACHABLE: Final = 6
TOO_MUCH: Final = 7
TIMEOUT: Final = 124
NOT_RUN: Final = 125
CANNOT_START: Final = (126, 127)
INTERRUPTED: Final = 130
NO_READER: Final = 141

_OF_STATUS: Final[Mapping[int, int]] = {
    400: USAGE,
    401: NOT_ALLOWED,
    403: NOT_ALLOWED,
    404: NOT_FOUND,
    409: CONFLICT,
    412: CONFLICT,
    413: USAGE,
    422: USAGE,
    429: TOO_MUCH,
    503: UNREACHABLE,
}


class WrongUsage(Exception):
    """What was typed cannot be meant."""


def of_error(error: RunyardClientError) -> int:
    """The exit code of a failed call."""
    if isinstance(error, ServerUnreachable):
        return UNREACHABLE
    if isinstance(error, NotLoggedIn):
        return NOT_ALLOWED
    return _OF_STATUS.get(error.status or 0, FAILURE)


def of_job(job: JobSummary, *, interrupted: bool = False) -> int:
    """The exit code of `run` for a finished job; `interrupted`: cancelled by our own Ctrl-C."""
    if job.succeeded:
        return OK
    if job.state == "cancelled":
        return INTERRUPTED if interrupted else NOT_RUN
    match job.reason:
        case "exit_code" if job.exit_code is not None:
            code = job.exit_code
        case "signal" if job.signal is not None:
            code = 128 + job.signal
        case "timeout":
            code = TIMEOUT
        case "start_failed" if job.exit_code in CANNOT_START:
            code = job.exit_code
        case _:
            code = NOT_RUN
    return code
