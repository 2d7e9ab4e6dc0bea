"""Run a job as if it ran here: its output, its exit code."""

from ..client.errors import RunyardClientError
from ..client.jobs import as_body
from .attached import Attached
from .elsewhere import placed
from .exits import NOT_RUN
from .options import HERE, NOTHING, PLAIN, Asked, Output, Server
from .references import remember
from .saying import complaint, note, warn
from .unanswered import submission_key


def run(
    *command: str,
    asked: Asked = NOTHING,
    output: Output = PLAIN,
    server: Server = HERE,
) -> int:
    """Submit a job, follow it, and exit as it does.

    Parameters
    ----------
    command
        A program and its arguments, after --.
    """
    what, fields = asked.command(command), asked.fields()
    job = None
    try:
        with server.connected() as client:
            fields = placed(client, asked, fields)
            with submission_key(server.url, as_body(what, fields)) as key:
                job = client.submit(what, idempotency_key=key, **fields)
            remember(job.id)
            warn(job)
            return Attached(client, job, output).followed()
    except RunyardClientError as error:
        complaint(error)
        if job is not None:
            note(f"job {job.id} was accepted and goes on without us; follow it with `runyard logs -f {job.id}`")
        return NOT_RUN
    except KeyboardInterrupt:  # too early for a question, or for the fourth time
        if job is not None:
            note(f"no longer watching job {job.id}; see it with `runyard job show {job.id}`")
        raise
