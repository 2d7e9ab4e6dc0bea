"""Submit a job and leave it to itself."""

import sys

from ..client.jobs import as_body
from .options import HERE, NOTHING, PLAIN, Asked, Output, Server
from .printing import as_json
from .references import remember
from .saying import note
from .unanswered import submission_key


def submit(
    *command: str,
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
    what, fields = asked.command(command), asked.fields()
    with server.connected() as client, submission_key(server.url, as_body(what, fields)) as key:
        job = client.submit(what, idempotency_key=key, **fields)
    remember(job.id)
    if output.json:
        as_json(job.raw)
    else:
        print(job.id)
    if sys.stderr.isatty() and not output.quiet:
        note("follow it with `runyard logs -f @last`")
    return 0
