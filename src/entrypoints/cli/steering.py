"""Pause, resume, force-finish."""

import sys
from typing import Annotated

from ..client.jobs import Job
from .options import HERE, PLAIN, Output, Server, option
from .printing import as_json, tabbed
from .references import find


def pause(job: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Stop a running job where it is.

    Parameters
    ----------
    job
        An id, its beginning or its end, or @last.
    """
    with server.connected() as client:
        return _said(client.pause(find(client, job)), output)


def resume(job: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Let a paused job go on.

    Parameters
    ----------
    job
        An id, its beginning or its end, or @last.
    """
    with server.connected() as client:
        return _said(client.resume(find(client, job)), output)


def force_finish(
    job: str,
    /,
    *,
    reason: Annotated[str, option("reason", help="Why it is given up; kept with the job.")],
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Give up a job whose host is gone.

    Parameters
    ----------
    job
        An id, its beginning or its end, or @last.
    """
    with server.connected() as client:
        return _said(client.force_finish(find(client, job), reason), output)


def _said(job: Job, output: Output) -> int:
    if output.json:
        as_json(job.raw)
    elif output.quiet:
        print(job.id)
    elif sys.stdout.isatty():
        print(f"{job.id} is {job.state}")
    else:
        tabbed((job.id, job.state, job.reason))
    return 0
