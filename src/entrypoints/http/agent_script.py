"""An order as a script, for runners that are no more than a shell."""

import shlex
from collections.abc import Iterator

from ...application.ports.executor import StartOrder


def as_script(order: StartOrder) -> str:
    """What a POSIX shell runs to become the process; what it has to keep stands beside the script, for its owner."""
    return "\n".join([*_lines(order), ""])


def _lines(order: StartOrder) -> Iterator[str]:
    yield "#!/bin/sh"
    told = {"RUNYARD_JOB_ID": order.ref.job_id, "RUNYARD_ATTEMPT": str(order.ref.number)}
    for name, value in {**order.env, **order.secrets, **told}.items():
        yield f"export {name}={shlex.quote(value)}"
    if order.secret_files or order.stdin is not None:
        yield 'case $0 in /*) set -- "$0" ;; *) set -- "$PWD/$0" ;; esac'  # the process may run in another folder
    for name, value in order.secret_files.items():
        yield f'(umask 077; printf %s {shlex.quote(value)} > "$1.{name}"); export {name}="$1.{name}"'
    if order.stdin is not None:
        yield f'(umask 077; printf %s {shlex.quote(order.stdin)} > "$1.stdin"); exec < "$1.stdin"'
    if order.cwd is not None:
        yield f"cd {shlex.quote(order.cwd)} || exit 1"
    argv = ["sh", "-c", order.command] if isinstance(order.command, str) else [*order.command]
    yield f"exec {shlex.join(argv)}"
