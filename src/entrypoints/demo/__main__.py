"""Start a server, run a real job, show what happens, leave nothing."""

import sys
import time
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..client.client import Client, connect
from ..client.errors import RunyardClientError
from ..client.jobs import Attempt, JobSummary, LogChunk
from .house import DemoFailed, House, opened

_JOB = Path(__file__).with_name("measure.py")


def main() -> int:
    """The whole demo; 0 if everything was as promised."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        with opened() as house:
            _show(house, console)
    except (DemoFailed, RunyardClientError) as error:
        Console(stderr=True, highlight=False).print(f"The demo failed: {error}", style="bold red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; the server is stopped, nothing is left.")
        return 130
    console.print("Stopped the server: [green]nothing is left running[/green]. Yours to try:\n")
    console.print("  [bold]make up[/bold]                                     a server that stays")
    console.print("  [bold].venv/bin/runyard run -- echo hello[/bold]         in another terminal")
    return 0


def _show(house: House, console: Console) -> None:
    started = time.monotonic()
    address = house.address()
    with connect(address["url"], token_file=address["token_file"]) as yard:
        took = time.monotonic() - started
        console.print(
            f"[bold]Runyard[/bold] serves at {address['url']} after {took:.1f} s, its data in a temporary folder."
        )
        submitted = yard.submit([sys.executable, str(_JOB)], name="measure the standard library")
        console.print(f"Job [bold]{submitted.id}[/bold] was accepted: it will end exactly once. Its output, live:\n")
        try:
            job, live = _followed(yard, submitted, console)
        except BaseException:  # also Ctrl-C: a job would go on without its server
            yard.cancel(submitted)
            yard.wait(submitted, timeout=60)
            raise
        (attempt,) = yard.attempts(job)
        console.print()
        console.print(_record(job, attempt))
        _check(job, live, b"".join(yard.logs(job)))


def _followed(yard: Client, job: JobSummary, console: Console) -> tuple[JobSummary, bytes]:
    """The finished job, and what it wrote, as it came."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    output = b""
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("waiting", total=100)
        for said in yard.follow(job):
            if isinstance(said, LogChunk):
                *lines, _ = (output[output.rfind(b"\n") + 1 :] + said.data).split(b"\n")
                output += said.data
                for line in lines:
                    console.print("  " + line.decode(errors="replace"), style="cyan", markup=False)
            else:
                job = said
                if job.progress:
                    progress.update(bar, completed=job.progress.percent, description=job.progress.message or "")
    return job, output


def _record(job: JobSummary, attempt: Attempt) -> Table:
    table = Table.grid(padding=(0, 2))
    colour = "green" if job.succeeded else "red"
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else 0.0
    result = job.result or {}
    table.add_row("state", f"[{colour}]{job.state}[/{colour}], exit code [bold]{job.exit_code}[/bold]")
    table.add_row(
        "ran", f"attempt {job.attempt} on runner {job.runner}, {took:.2f} s, contained by {attempt.containment}"
    )
    table.add_row(
        "used",
        f"{attempt.cpu_seconds or 0:.2f} s of processor, {(attempt.max_rss_bytes or 0) / (1 << 20):.0f} MB at most; "
        f"wrote {attempt.log_size} bytes",
    )
    table.add_row("ended", "every process was seen gone" if job.end_confirmed else "[red]not seen to be gone[/red]")
    table.add_row(
        "result",
        f"{result.get('lines', 0):,} lines and {result.get('functions', 0):,} functions "
        f"in {result.get('files', 0):,} files, {result.get('bytes', 0):,} bytes",
    )
    return table


def _check(job: JobSummary, live: bytes, stored: bytes) -> None:
    """What the demo claims, or `DemoFailed`."""
    if not job.succeeded or job.exit_code != 0:
        raise DemoFailed(f"the job {job.state}: {job.message or job.reason}")
    if not job.end_confirmed:
        raise DemoFailed("the end of the job's processes was not confirmed")
    if sha256(live).digest() != sha256(stored).digest() or not live:
        raise DemoFailed(f"{len(live)} bytes of output came live, {len(stored)} are stored, and they differ")
    if not isinstance(job.result, dict) or job.result.get("files", 0) < 100:
        raise DemoFailed(f"the result is not one of a measured library: {job.result!r}")


if __name__ == "__main__":
    sys.exit(main())
