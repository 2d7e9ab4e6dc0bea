"""Cancel jobs."""

import sys
from typing import Annotated

from ..client.errors import RunyardClientError
from ..client.jobs import Job
from .exits import FAILURE, OK, of_error
from .meant import ANY, Meant, agreed, by_filter
from .options import HERE, PLAIN, Output, Server, flag, option
from .printing import as_json, tabbed
from .references import find
from .saying import complaint


def cancel(
    *jobs: str,
    state: Annotated[
        tuple[str, ...], option("state", help="Instead of JOBS: all in this state; may be repeated.")
    ] = (),
    meant: Meant = ANY,
    yes: Annotated[bool, flag("yes", "-y", help="Do not ask first.")] = False,
    dry_run: Annotated[bool, flag("dry-run", help="Only tell which.")] = False,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Cancel jobs. No further attempt starts.

    Parameters
    ----------
    jobs
        Ids, their beginnings or ends, or @last.
    """
    if by_filter("cancel", jobs, state, meant, dry_run=dry_run):
        return _cancel_all(state, meant, output, server, dry_run=dry_run, asking=not yes and not dry_run)
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


def _cancel_all(
    state: tuple[str, ...], meant: Meant, output: Output, server: Server, *, dry_run: bool, asking: bool
) -> int:
    which = meant.filter()
    with server.connected() as client:
        if asking and not agreed("cancel", lambda: len(client.cancel_many(state=state or None, dry_run=True, **which))):
            return FAILURE
        ids = client.cancel_many(state=state or None, dry_run=dry_run, **which)
    if output.json:
        as_json({"ids": ids, "dry_run": dry_run})
    else:
        for job_id in ids:
            print(job_id)
    return OK


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
