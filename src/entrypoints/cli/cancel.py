"""Cancel jobs."""

import sys

from ..client.errors import RunyardClientError
from ..client.jobs import Job
from .exits import OK, WrongUsage, of_error
from .options import HERE, PLAIN, Output, Server
from .printing import as_json, tabbed
from .references import find
from .saying import complaint


def cancel(*jobs: str, output: Output = PLAIN, server: Server = HERE) -> int:
    """Cancel jobs. No further attempt starts.

    Parameters
    ----------
    jobs
        Ids, their beginnings or ends, or @last.
    """
    if not jobs:
        raise WrongUsage("there is no job to cancel; give at least one id, or @last")
    code, views = OK, []
    with server.connected() as client:
        for said in jobs:
            try:
                job = client.cancel(find(client, said))
            except RunyardClientError as error:
                complaint(error)
                code = code or of_error(error)
            else:
                views.append(job.raw)
                _say(job, output)
    if output.json:
        as_json(views)
    return code


def _say(job: Job, output: Output) -> None:
    if output.json:
        return
    if output.quiet:
        print(job.id)
    elif not sys.stdout.isatty():
        tabbed((job.id, job.state, "cancelling" if not job.finished else job.reason))
    elif job.state == "cancelled":
        print(f"{job.id} is cancelled")
    elif job.finished:
        print(f"{job.id} had already {job.state}")
    else:
        print(f"{job.id} is being cancelled; its grace period is {job.grace_period or 0:g} s")
