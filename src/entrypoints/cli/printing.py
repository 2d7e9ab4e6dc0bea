"""Data on standard output: tables for people, tab-separated lines for programs, JSON for both."""

import json
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..client.fields import Command
from ..client.jobs import JobSummary
from .options import Output
from .saying import note, plain

_COLOURS: Mapping[str, str] = {
    "running": "cyan",
    "succeeded": "green",
    "failed": "red",
    "cancelled": "yellow",
}


def as_json(value: Any) -> None:
    """One document; indented for people."""
    print(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def as_line(value: Any) -> None:
    """One document of many, on a line of its own, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def in_a_cell(value: Any) -> str:
    """One document that stays one when it is written plain."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def jobs(found: Iterable[JobSummary], output: Output) -> None:
    """Many jobs."""
    if output.json:
        as_json([job.raw for job in found])
    elif output.quiet:
        for job in found:
            print(job.id)
    elif sys.stdout.isatty():
        rows = [_for_people(job) for job in found]
        if not rows:
            note("none")
            return
        table(("ID", "STATE", "NAME", "ATTEMPT", "EXIT", "RUNNER", "AGE", "TOOK"), rows, output)
    else:
        for job in found:
            tabbed(_for_programs(job))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], output: Output) -> None:
    """As wide as the terminal; long texts are cut."""
    from rich.console import Console  # noqa: PLC0415 - a piped command does without
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        grid.add_column(head, no_wrap=True, overflow="ellipsis")
    for row in rows:
        grid.add_row(*(Text(cell, style=_COLOURS.get(cell.partition(" ")[0], "")) for cell in row))
    Console(no_color=output.no_color or None).print(grid)


def tabbed(cells: Iterable[Any]) -> None:
    """One line; tabs and line ends inside a cell are written as in Python."""
    print("\t".join(plain("" if cell is None else str(cell)) for cell in cells))


def short(job_id: str) -> str:
    """Enough of an id for people: its end, as the beginning is time."""
    return job_id[-8:]


def shown(command: Command) -> str:
    """A command as one line."""
    return plain(command.strip().partition("\n")[0] if isinstance(command, str) else shlex.join(command))


def ending(job: JobSummary) -> str:
    """`0`, `3`, `SIG9`, or nothing yet."""
    if job.signal is not None:
        return f"SIG{job.signal}"
    return "" if job.exit_code is None else str(job.exit_code)


def span(seconds: float) -> str:
    """`0.4s`, `42s`, `5m07s`, `3h05m`, `2d04h`."""
    if 0 <= seconds < 10:
        return f"{seconds:.1f}s"
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def _for_people(job: JobSummary) -> tuple[str, ...]:
    now = datetime.now(UTC)
    state = f"{job.state} ({job.reason})" if job.reason and job.reason != job.state else job.state
    progress = f" {job.progress.percent:.0f}%" if job.progress and job.progress.percent is not None else ""
    return (
        short(job.id),
        state + (progress if not job.finished else ""),
        plain(job.name or "") or shown(job.command),
        str(job.attempt or ""),
        ending(job),
        plain(job.runner or ""),
        span((now - job.created_at).total_seconds()),
        span(((job.finished_at or now) - job.started_at).total_seconds()) if job.started_at else "",
    )


def _for_programs(job: JobSummary) -> tuple[Any, ...]:
    moments = (job.created_at, job.started_at, job.finished_at)
    return (
        job.id,
        job.state,
        job.reason,
        job.name,
        job.attempt,
        ending(job),
        job.runner,
        *(moment and moment.isoformat().replace("+00:00", "Z") for moment in moments),
        shown(job.command),
    )
