"""Submit a job and leave it to itself."""

import sys

from .options import HERE, NOTHING, PLAIN, Asked, Output, Server
from .printing import as_json
from .references import remember
from .saying import note


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
    with server.connected() as client:
        job = client.submit(what, **fields)
    remember(job.id)
    if output.json:
        as_json(job.raw)
    else:
        print(job.id)
    if sys.stderr.isatty() and not output.quiet:
        note("follow it with `runyard logs -f @last`")
    return 0
