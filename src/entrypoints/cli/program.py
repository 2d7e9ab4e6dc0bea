"""The commands, and what every one of them ends with."""

import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError, UnknownOptionError

from ... import __version__
from ..client.errors import RunyardClientError
from . import exits
from .nouns import NOUNS
from .saying import complaint, note
from .streams import end_output, open_streams

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
    suppress_keyboard_interrupt=False,  # it is ours to answer
)

_COMMANDS: Final = {
    "up": """Start a whole Runyard on this machine.

Ctrl-C stops it; running jobs go on, and the next `runyard up` adopts them.""",
    "run": """Submit a job, follow it, and exit as it does.

Its standard output and error come out here, byte for byte.
Ctrl-C cancels it; a terminal is asked first, and there a second one cancels.
Exit codes: the job's own; 128 + n when signal n ended it; 124 after its
timeout; 125 for what is not its own doing; 130 after Ctrl-C; 141 when nobody
reads its output any more, which cancels it.""",
    "submit": """Submit a job; its id is printed.

Everything behind -- is the command, and stays as it is.
It runs without a shell; --script has one.
With --batch the ids come in the order of the lines; a line that is refused
is named, hinders no other, and makes the exit code 2.""",
    "ps": """List jobs, newest first.

Those that have not finished, unless told otherwise.
Piped, a line is: id, state, reason, name, attempt, exit, runner, created,
started, finished, command.""",
    "logs": """Show what a job wrote, byte for byte.

Ctrl-C stops watching, never the job.""",
    "cancel": """Cancel jobs: those named, or all that a filter means.

No further attempt starts. What runs gets TERM, its grace period, then KILL,
with everything it has started.""",
    "login": """Keep a token for a server, so that every command uses it.

It is asked for, or read from standard input or --token-file; with --name a
password is, and a token is made. The only server logged in to is the one that
is meant where none is named and none runs here.""",
    "logout": """Forget the token that was kept for a server.

One that `login --name` made is revoked; any other stays good.""",
    "whoami": "Say whose token is used, and what it may do.",
    "check-invariants": """Check that everything stored keeps the rules.

On this machine, beside a live server or after it stopped; it reads the
database itself (--data-dir, or RUNYARD_DATABASE_URL). Exits with 1 when
something breaks a rule, and prints what does, with its rows.""",
    "serve": """Serve HTTP, any number of times over, on PostgreSQL and Redis.

SIGTERM: readiness answers 503 at once, requests are answered for
RUNYARD_DRAIN seconds more.""",
    "worker": """Tick, do errands, and with --local run jobs on this host.

Any number of them. Two on one host share its runner: one drives, the other
stands by and takes over when the first is gone. Running jobs go on meanwhile.""",
    "migrate": """Bring the database's schema up to date, and make the admin token.

Before the first start and after each upgrade; again does no harm.""",
    "export": """Write everything in the store into a file, to move it to another one.

Jobs with their attempts and output, runners, pauses and keys; from the data
directory (--data-dir), or from the database of RUNYARD_DATABASE_URL. Nobody
else may use the store meanwhile. The file holds what jobs were given, secrets
included, and is its owner's alone.""",
    "import": """Read a file that `runyard export` made into an empty store.

Into the data directory (--data-dir), or the database of RUNYARD_DATABASE_URL,
which `runyard migrate` has prepared. All or nothing.""",
    "backup": """Copy the store of an embedded server into a file, whoever uses it meanwhile.

A database has tools of its own: docs/production.md shows them.""",
    "restore": """Put a backup in place of the store, or tell PostgreSQL that it was restored.

With every server and worker stopped. With FILE: what `runyard backup` made takes
the place of the store, which is kept as runyard.db.replaced. Without: after
pg_restore, once. What was told after the backup is refused from then on.""",
    "version": "Say which versions are here and on the server.",
}
_MODULES: Final = {"export": "export_store", "import": "import_store", "restore": "backup:restore"}
_JOB_COMMANDS: Final = {
    "show": ("job:show", "Show one job and its attempts."),
    "rerun": (
        "rerun:rerun",
        """Run finished jobs again, each as a new one: those named, or all that a filter means.

The new ids are printed. What has not finished is named and left as it is, and
makes the exit code 5. With --dry-run the ids are those of the old jobs.""",
    ),
    "explain": (
        "explain:explain",
        """Say why a job does not run, and the smallest change that would let it.

Piped, the first line is: job, state, message, jobs ahead, change; then, for each
runner, a line per obstacle: runner, name, code, message.""",
    ),
    "pause": (
        "steering:pause",
        "Stop a running job where it is. Its --timeout stands still, its --total-timeout goes on.",
    ),
    "resume": ("steering:resume", "Let a paused job go on."),
    "force-finish": (
        "steering:force_finish",
        """Give up a job whose host is gone.

It ends as failed (forced), in the books only: its processes may still run,
and are ended when their host is seen. While the host answers, use cancel.""",
    ),
}
for _at, (_name, _help) in enumerate(_COMMANDS.items()):  # by name: imported when used
    _module = _MODULES.get(_name, _name).replace("-", "_")
    _function = _module.rpartition(":")[2]
    app.command(f"{__package__}.{_module.partition(':')[0]}:{_function}", name=_name, help=_help, sort_key=_at)
job = App(name="job", help="Look at one job, or steer it.", help_format="plaintext", sort_key=len(_COMMANDS))
for _at, (_name, (_function, _help)) in enumerate(_JOB_COMMANDS.items()):
    job.command(f"{__package__}.{_function}", name=_name, help=_help, sort_key=_at)
app.command(job)
for _at, (_noun, (_help, _verbs)) in enumerate(NOUNS.items()):
    _app = App(name=_noun, help=_help, help_format="plaintext", sort_key=90 + _at)
    for _place, (_verb, _told) in enumerate(_verbs.items()):
        _call = {"list": "list_", "set": "set_"}.get(_verb, _verb.replace("-", "_"))
        _app.command(f"{__package__}.{_noun}:{_call}", name=_verb, help=_told, sort_key=_place)
    app.command(_app)
_runner = app["runner"]
_add = App(name="add", help="Make another machine a runner.", help_format="plaintext", sort_key=-2)
_add.command(
    f"{__package__}.runner_ssh:ssh",
    name="ssh",
    help="""Make a host a runner: sshd, an account and python3 are enough.

Nothing is installed there beforehand. The server reaches it; the host's key
is shown, to be confirmed, and no other is believed afterwards.""",
)
_add.command(
    f"{__package__}.runner_agent:agent",
    name="agent",
    help="""Make a machine a runner that will come and fetch its work.

Nothing has to reach it. The token it registers with is printed, once.""",
)
_runner.command(_add)
_runner.command(
    f"{__package__}.runner_events:events",
    name="events",
    help="""List what happened to a runner, newest first: online, late, drained, …

Piped, a line is: id, time, what, by whom, and details as JSON.""",
    sort_key=1,
)
_runner.command(
    f"{__package__}.runner_agent:token",
    name="token",
    help="""Make a new token for an agent's machine to register with; printed, once.

Those made before are void. The machine that is registered stays so until
another one comes in its place.""",
    sort_key=20,
)
_runner.command(
    f"{__package__}.runner_agent:revoke",
    name="revoke",
    help="Make all tokens of an agent good no more, at once. Its machine ends what runs there by itself.",
    sort_key=21,
)
_runner.command(
    f"{__package__}.runner_ssh:check",
    name="check",
    help="""Look a host over that is reached by ssh, and keep what was found.

Piped, a line is: verdict, name, sentence. Exits with 5 if it cannot be a
runner as it is.""",
    sort_key=-1,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors are said here, once."""
    open_streams()
    try:
        code = app(list(sys.argv[1:] if argv is None else argv), exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except BrokenPipeError:
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
    except OSError as error:  # this machine's: a disk that is full, a file that is somebody else's
        note(": ".join(filter(None, (error.filename and str(error.filename), error.strerror or str(error)))))
        print("Next: See that it can be read and written, then try again.", file=sys.stderr)
        return exits.FAILURE
    finally:
        end_output()
    return int(code or 0)


def _unknown_to_us(error: Exception) -> bool:
    chain = error.command_chain if isinstance(error, UnknownOptionError) else None
    return bool(chain) and tuple(chain or ())[-1] in ("run", "submit")
