"""What there is to know about one job."""

import sys
from collections.abc import Iterator

from ..client.jobs import Attempt, Job
from .options import HERE, PLAIN, Output, Server
from .printing import as_json, shown, span, tabbed, table
from .references import find
from .saying import plain


def show(job: str, /, *, output: Output = PLAIN, server: Server = HERE) -> int:
    """Show one job and its attempts.

    Parameters
    ----------
    job
        An id, its beginning or its end, or @last.
    """
    with server.connected() as client:
        job_id = find(client, job)
        found, attempts = client.get(job_id), client.attempts(job_id)
    if output.json:
        as_json({**found.raw, "attempts": [attempt.raw for attempt in attempts]})
    elif output.quiet:
        print(found.id)
    else:
        _shown(found, attempts, output)
    return 0


def _shown(job: Job, attempts: tuple[Attempt, ...], output: Output) -> None:
    facts = [(name, plain(str(value))) for name, value in _facts(job) if value not in (None, "", {}, ())]
    if not sys.stdout.isatty():
        for fact in facts:
            tabbed(fact)
        for attempt in attempts:
            tabbed((f"attempt {attempt.number}", *_row(attempt)[1:]))
        return
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        print(f"{name:<{width}}  {value}")
    if attempts:
        print()
        heads = (
            "ATTEMPT",
            "STATE",
            "RUNNER",
            "ENDING",
            "EXIT",
            "TOOK",
            "CPU",
            "MEMORY",
            "OUTPUT",
            "CONTAINMENT",
            "LEASE",
        )
        table(heads, [_row(attempt) for attempt in attempts], output)


def _facts(job: Job) -> Iterator[tuple[str, object]]:
    yield "id", job.id
    yield "name", job.name
    yield "command", shown(job.command)
    yield "state", job.state
    yield "reason", job.reason
    yield "message", job.message
    yield "exit code", job.exit_code
    yield "signal", job.signal
    yield "cancel requested", job.cancel_requested or None
    yield "end confirmed", job.end_confirmed
    if job.progress:
        percent = "" if job.progress.percent is None else f"{job.progress.percent:g} %"
        yield "progress", " ".join(filter(None, (percent, job.progress.message)))
    yield "result", job.result
    yield "labels", " ".join(f"{name}={value}" for name, value in job.labels.items())
    yield "queue", job.queue
    yield "priority", job.priority
    if job.concurrency:
        yield "key", job.concurrency["key"]
    yield "folder", job.cwd
    yield "runner", job.runner
    yield "lost after", job.lost_after
    yield "replace", None if job.replace == "after_lease" else job.replace
    yield "rerun of", job.rerun_of
    yield "access", None if job.access == "none" else job.access
    yield "submitted by", job.parent and f"job {job.parent}"
    for name in ("created_at", "started_at", "finished_at"):
        moment = getattr(job, name)
        yield name.replace("_at", ""), moment and moment.isoformat().replace("+00:00", "Z")


def _row(attempt: Attempt) -> tuple[str, ...]:
    ended = attempt.exit_code if attempt.signal is None else f"SIG{attempt.signal}"
    return (
        str(attempt.number),
        attempt.state or "",
        plain(attempt.runner or ""),
        attempt.ending or "",
        "" if ended is None else str(ended),
        _took(attempt),
        "" if attempt.cpu_seconds is None else f"{attempt.cpu_seconds:.2f}s",
        "" if attempt.max_rss_bytes is None else f"{attempt.max_rss_bytes / (1 << 20):.0f}M",
        "" if attempt.log_size is None else f"{attempt.log_size}B",
        attempt.containment or "",
        "" if attempt.lease is None else span(attempt.lease),
    )


def _took(attempt: Attempt) -> str:
    if attempt.started_at is None or attempt.ended_at is None:
        return ""
    seconds = (attempt.ended_at - attempt.started_at).total_seconds()
    return span(seconds) if seconds >= 60 else f"{seconds:.2f}s"
