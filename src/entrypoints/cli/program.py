"""The commands, and what every one of them ends with."""

import os
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError, UnknownOptionError

from ... import __version__
from ..client.errors import RunyardClientError
from . import exits
from .saying import complaint, note

_HELP: Final = """Runs jobs on the machines people already have.

    runyard up                                 start everything here
    runyard run -- make -j4 test               see it here, exit as it does
    runyard submit --timeout 1h -- ./train.sh  leave it to itself
    runyard logs -f @last
"""

_SEE_HELP: Final = "`runyard --help` and `runyard COMMAND --help` say what there is."
_AFTER_DASHES: Final = "Write the options of a command behind --, as in `runyard run -- ls -l`."

app = App(
    name="runyard",
    help=_HELP,
    help_format="plaintext",
    version=__version__,
    result_action="return_value",
)

_COMMANDS: Final = {
    "up": "Start a whole Runyard on this machine.",
    "run": "Submit a job, follow it, and exit as it does.",
    "submit": "Submit a job; its id is printed.",
    "ps": "List jobs.",
    "logs": "Show what a job wrote.",
    "cancel": "Cancel jobs.",
    "version": "Say which versions are here.",
}
for _at, (_name, _help) in enumerate(_COMMANDS.items()):  # by name: imported when used
    app.command(f"{__package__}.{_name}:{_name}", name=_name, help=_help, sort_key=_at)
job = App(name="job", help="Look at one job.", help_format="plaintext", sort_key=len(_COMMANDS))
job.command(f"{__package__}.job:show", name="show", help="Show one job and its attempts.")
app.command(job)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors are said here, once."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(list(sys.argv[1:] if argv is None else argv), exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.NO_READER
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except (CycloptsError, exits.WrongUsage) as error:
        note(str(error))
        print(f"Next: {_AFTER_DASHES if _unknown_to_us(error) else _SEE_HELP}", file=sys.stderr)
        return exits.USAGE
    except RunyardClientError as error:
        complaint(error)
        return exits.of_error(error)
    return int(code or 0)


def _unknown_to_us(error: Exception) -> bool:
    chain = error.command_chain if isinstance(error, UnknownOptionError) else None
    return bool(chain) and tuple(chain or ())[-1] in ("run", "submit")
