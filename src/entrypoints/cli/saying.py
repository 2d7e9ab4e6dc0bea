"""What we have to say for ourselves: on standard error, in one line, with what to do next."""

import sys

from ..client.errors import RunyardClientError
from ..client.jobs import Job


def note(text: str) -> None:
    """A line about what happens."""
    print(f"runyard: {plain(text)}", file=sys.stderr, flush=True)


def warn(job: Job) -> None:
    """What the server thinks may go wrong with a job that it has accepted."""
    for warning in job.warnings:
        note(f"warning: {warning}")


def complaint(error: RunyardClientError) -> None:
    """What went wrong."""
    note(str(error))
    print(f"Next: {error.advice}", file=sys.stderr, flush=True)


def plain(text: str) -> str:
    """Without anything that could control a terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )
