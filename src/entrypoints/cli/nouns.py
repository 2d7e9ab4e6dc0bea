"""The nouns, each a module of its own, and what can be done with them."""

from collections.abc import Mapping
from typing import Final

NOUNS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "runner": (
        "See and run the machines that take jobs.",
        {
            "list": "List runners.",
            "show": "Show one runner.",
            "edit": "Edit slots, queues, labels, who may use it, and the way to a host; edits outlive restarts.",
            "cordon": "Give no new work, until uncordoned. What runs goes on.",
            "uncordon": "Give new work again, whatever closed it.",
            "pause": "Give no new work for a while. What runs goes on.",
            "drain": """Give no new work; what runs may finish.

With --within or --until, what still runs then is cancelled.""",
            "remove": "Forget a runner that nobody drives and where nothing lives.",
        },
    ),
    "agent": (
        "Make this machine a runner that fetches its work, and be its agent.",
        {
            "register": """Register this machine, with a token of `runyard runner add agent`.

The token is asked for, or read from standard input, --token-file or
RUNYARD_REGISTRATION_TOKEN. An answer that was lost is asked for again.""",
            "start": """Be the agent of this machine, until a signal says stop.

SIGTERM: take nothing more, leave when what runs has ended. Ctrl-C, or a second
signal: leave at once; what runs goes on, and the next start adopts it. Exits
with 4 when the token opens nothing any more.""",
            "status": "Say how the agent of this machine is. Exits with 5 if none runs.",
            "stop": "Have the agent leave: when what runs has ended, or with --now at once.",
        },
    ),
    "queue": (
        "See, pause and resume the queues in which jobs wait.",
        {
            "list": "List the queues in which something waits, and those that are paused.",
            "pause": "Let its jobs wait: for a while, or until it is resumed. What runs goes on.",
            "resume": "Let its jobs start again.",
        },
    ),
    "project": (
        "See and make projects, to which everything belongs, and say who may do what there.",
        {
            "list": "List projects.",
            "create": "Make a project; jobs may be submitted into it from then on.",
            "show": """Show one project, its limits, and how much of them is used.

Piped, a line is: whose limits (project, * for each owner, or owner NAME), limit,
what was set, what holds, how much is used.""",
            "limit": """Limit how many jobs of a project may wait, run, and be submitted in a minute.

Of the whole project, or with --owner of each owner in it or of one. What waits
or runs already is not touched. Submissions over a limit are refused with exit
code 7; jobs over the limit of running ones wait in their queue.""",
            "members": "List who has a role in a project.",
            "grant": "Give an account a role in a project: viewer, submitter, operator or admin.",
            "revoke": "Take an account out of a project. Its jobs stay.",
        },
    ),
    "user": (
        "See and make accounts, of people and of programs.",
        {
            "list": "List accounts.",
            "create": "Make an account. It has no role anywhere yet.",
            "disable": "Shut an account out, with all its tokens, within seconds.",
            "enable": "Let an account in again.",
            "password": "Set a password: asked for, or read from standard input.",
        },
    ),
    "token": (
        "See, make, rotate and revoke API tokens.",
        {
            "list": "List tokens.",
            "create": "Make a token; its text is printed here and never again.",
            "rotate": "Put a successor in its place; the old one stays good for an hour.",
            "revoke": "Make it good no more, everywhere, within five seconds.",
        },
    ),
    "audit": (
        "See who did what to what: the audit trail.",
        {
            "list": """List who did what to what, newest first.

For admins: of the instance everything, of projects what was done there. Piped, a
line is: id, time, actor, address, action, resource, project, outcome, reason,
and what is different since, before and after, as JSON.""",
        },
    ),
    "secret": (
        "Set values that jobs get and nobody reads.",
        {
            "list": "List names, versions, by whom and when; never values.",
            "set": """Set a secret, from our input or a file.

A terminal is asked for the value, and does not show it. The end of a single
line is no part of it. Values never stand on a command line.""",
            "remove": "Remove a secret. Jobs that need it fail to start from then on.",
            "rotate-key": """Seal everything anew under the newest key.

Again does no harm, and goes on where it was interrupted. Piped, the line is:
key, values moved to it, values that could not be opened, keys of no more use.
Exits with 1 if something could not be opened.""",
        },
    ),
}
