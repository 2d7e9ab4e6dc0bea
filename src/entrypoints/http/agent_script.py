"""An order as a script, for runners that are no more than a shell."""

import shlex
from collections.abc import Iterator

from ...application.ports.executor import StartOrder


def as_script(order: StartOrder) -> str:
    """What a POSIX shell runs to become the process; what it has to keep stands beside the script, for its owner."""
    return "\n".join([*_lines(order), ""])


def _lines(order: StartOrder) -> Iterator[str]:
    yield "#!/bin/sh"
    for name, value in {**order.env, **order.secrets}.items():
        yield f"export {name}={shlex.quote(value)}"
    for name, value in order.secret_files.items():
        yield f'(umask 077; printf %s {shlex.quote(value)} > "$0.{name}"); export {name}="$0.{name}"'
    if order.stdin is not None:
        yield f'printf %s {shlex.quote(order.stdin)} > "$0.stdin"; exec < "$0.stdin"'
    if order.cwd is not None:
        yield f"cd {shlex.quote(order.cwd)} || exit 1"
    argv = ["sh", "-c", order.command] if isinstance(order.command, str) else [*order.command]
    yield f"exec {shlex.join(argv)}"
