"""Show what a job wrote."""

import sys
from typing import Annotated, Literal

from ..client.jobs import LogChunk
from .attached import as_event, as_text
from .options import HERE, PLAIN, Output, Server, flag, option
from .printing import as_line
from .references import find


def logs(
    job: str,
    /,
    *,
    follow: Annotated[bool, flag("follow", "-f", help="Go on as it comes, through all attempts, to the end.")] = False,
    stream: Annotated[Literal["stdout", "stderr", "system"] | None, option("stream", help="Only this one.")] = None,
    attempt: Annotated[int | None, option("attempt", help="Of this try; else of the latest.")] = None,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Show what a job wrote, byte for byte.

    Parameters
    ----------
    job
        An id, its beginning or its end, or @last.
    """
    with server.connected() as client:
        job_id = find(client, job)
        if follow and output.json:
            for said in client.follow(job_id, attempt=attempt):
                if not isinstance(said, LogChunk) or stream in (None, said.stream):
                    as_line(as_event(said))
            return 0
        for data in client.logs(job_id, follow=follow, stream=stream, attempt=attempt):
            if output.json:
                as_line({"event": "log", "attempt": attempt, "stream": stream, **as_text(data)})
            else:
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
    return 0
