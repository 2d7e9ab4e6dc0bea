"""Submit a job and leave it to itself."""

import sys
from typing import Annotated

from ..client.jobs import as_body
from .elsewhere import placed
from .exits import WrongUsage
from .explain import show
from .options import HERE, NOTHING, PLAIN, Asked, Output, Server, flag, option
from .printing import as_json
from .references import remember
from .saying import note, warn
from .submit_batch import submit_lines
from .unanswered import submission_key


def submit(
    *command: str,
    batch: Annotated[
        str | None,
        option(
            "batch",
            metavar="FILE|-",
            allow_leading_hyphen=True,
            help="Instead of CMD: a job as JSON on each line; the other options are for those that leave them out.",
        ),
    ] = None,
    explain: Annotated[bool, flag("explain", help="Submit nothing; say what would be in its way.")] = False,
    asked: Asked = NOTHING,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Submit a job; its id is printed.

    Parameters
    ----------
    command
        A program and its arguments, after --.
    """
    if batch is not None:
        if command or asked.script is not None:
            raise WrongUsage("there is a --batch and a command; leave one of them out")
        if explain:
            raise WrongUsage("--explain says it of one job; leave --batch out")
        return submit_lines(batch, asked.fields(), output, server)
    what, fields = asked.command(command), asked.fields()
    if explain:
        with server.connected() as client:
            show(client.explain_submission(what, **placed(client, asked, fields)), output)
        return 0
    with server.connected() as client:
        fields = placed(client, asked, fields)
        with submission_key(server.url, as_body(what, fields)) as key:
            job = client.submit(what, idempotency_key=key, **fields)
    remember(job.id)
    warn(job)
    if output.json:
        as_json(job.raw)
    else:
        print(job.id)
    if sys.stderr.isatty() and not output.quiet:
        note("follow it with `runyard logs -f @last`")
    return 0
