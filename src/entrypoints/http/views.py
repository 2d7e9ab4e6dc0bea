"""Jobs and attempts as everybody outside sees them: over HTTP and from the library alike."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import Field

from ...application.jobs.list_attempts import AttemptRecord
from ...application.ports.jobs import JobRecord, JobSummary
from ...domain.jobs.access import JobAccess
from ...domain.jobs.attempt import Attempt, Ending
from ...domain.jobs.job import Job
from ...domain.jobs.limits import OnLost, Replacement
from ...domain.jobs.outline import MAX_COMMAND
from ...domain.jobs.seating import PlaceInLine
from ...domain.jobs.spec import JobSpec
from ...domain.jobs.states import JobState
from ...domain.runners.ids import RunnerId
from .key_views import ConcurrencyView, InLineView, message_in_line
from .said_views import ProgressView, parsed_result
from .spec_views import LogLimitView, Moment, PlacementView, RetryView, View

Runners = Mapping[RunnerId, str]
"""What each runner is called."""


class JobFacts(View):
    """What every view of a job tells: what was submitted with its defaults, and what became of it. Times are UTC."""

    id: str
    state: JobState
    reason: str | None = Field(description="Why it is in this state, as a code; new codes may appear.")
    message: str | None = Field(description="The same for people.")
    cancel_requested: bool
    end_confirmed: bool | None = Field(description="Whether the end of all its processes was seen.")
    in_line: InLineView | None = Field(description="While it waits for a seat of its concurrency key: where, for whom.")
    attempt: int | None = Field(description="The number of the current or last attempt.")
    exit_code: int | None
    signal: int | None
    progress: ProgressView | None
    result: Any = Field(description="The JSON document the job reported, or null.")
    runner: str | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    command: list[str] | str
    name: str | None
    labels: dict[str, str]
    secrets: dict[str, str] = Field(description="Variables and the names of the secrets that they get.")
    secret_files: dict[str, str] = Field(description="The same, as files.")
    cwd: str | None
    project: str
    owner: str
    queue: str
    placement: PlacementView
    priority: int
    run_timeout: float | None
    queue_timeout: float | None
    total_timeout: float | None
    grace_period: float
    retry: RetryView
    on_lost: OnLost
    crash_limit: int
    lost_after: float | None
    replace: Replacement
    not_before: Moment | None
    log_limit: LogLimitView
    rerun_of: str | None = Field(description="The job that this one repeats.")
    concurrency: ConcurrencyView | None
    access: JobAccess = Field(description="What its processes may do here.")
    parent: str | None = Field(description="The job that submitted this one.")


class JobSummaryView(JobFacts):
    """A job as lists and events show it: without `env` and `stdin`."""

    command_cut: bool = Field(description=f"Whether `command` is the beginning alone: {MAX_COMMAND} characters.")

    @classmethod
    def of(cls, summary: JobSummary, runners: Runners) -> Self:
        """The job, its runner called by name."""
        facts = _facts(summary.job, summary.outline.shown, summary.place, runners)
        return cls(**facts, command_cut=summary.outline.cut)


class JobView(JobFacts):
    """A job as it is now, and all that was submitted."""

    env: dict[str, str]
    stdin: str | None

    @classmethod
    def of(cls, record: JobRecord, runners: Runners) -> Self:
        """The job, its runner called by name."""
        facts = _facts(record.job, record.spec, record.place, runners)
        return cls(**facts, env=dict(record.spec.env), stdin=record.spec.stdin)


def _facts(job: Job, spec: JobSpec, place: PlaceInLine | None, runners: Runners) -> dict[str, Any]:
    attempt = job.attempt
    outcome = attempt.outcome if attempt else None
    return {
        "id": job.id,
        "state": job.state,
        "reason": job.reason,
        "message": message_in_line(spec.concurrency, place) or job.message,
        "cancel_requested": job.cancel_requested,
        "end_confirmed": job.end_confirmed,
        "in_line": InLineView.of(place),
        "attempt": attempt.number if attempt else None,
        "exit_code": outcome.exit_code if outcome else None,
        "signal": outcome.signal if outcome else None,
        "progress": ProgressView.of(attempt.progress) if attempt else None,
        "result": parsed_result(attempt.result) if attempt else None,
        "runner": runners.get(attempt.runner_id) if attempt else None,
        "created_at": job.created_at,
        "started_at": attempt.started_at if attempt else None,
        "finished_at": job.finished_at,
        "command": spec.command if isinstance(spec.command, str) else list(spec.command),
        "name": spec.name,
        "labels": dict(spec.labels),
        "secrets": dict(spec.secrets),
        "secret_files": dict(spec.secret_files),
        "cwd": spec.cwd,
        "project": spec.project,
        "owner": spec.owner,
        "queue": spec.queue,
        "placement": PlacementView.of(spec.placement),
        "priority": spec.priority,
        "run_timeout": spec.run_timeout,
        "queue_timeout": spec.queue_timeout,
        "total_timeout": spec.total_timeout,
        "grace_period": spec.grace_period,
        "retry": RetryView.of(spec.retry),
        "on_lost": spec.on_lost,
        "crash_limit": spec.retry.crash_limit,
        "lost_after": spec.lost_after,
        "replace": spec.replace,
        "not_before": spec.not_before,
        "log_limit": LogLimitView.of(spec.log_limit),
        "rerun_of": spec.rerun_of,
        "concurrency": ConcurrencyView.of(spec.concurrency),
        "access": spec.access,
        "parent": spec.parent,
    }


class SubmittedView(JobView):
    """The job that a submission made, or had made before."""

    replayed: bool = Field(description="Whether this repeats an earlier submission with the same idempotency key.")
    warnings: list[str] = Field(description="What may go wrong with it, for people; it was accepted all the same.")

    @classmethod
    def of(cls, record: JobRecord, runners: Runners, *, replayed: bool = False, warnings: Sequence[str] = ()) -> Self:
        """The job, its runner called by name."""
        return cls(**dict(JobView.of(record, runners)), replayed=replayed, warnings=list(warnings))


class JobPageView(View):
    """Some jobs, newest first. `next_cursor` continues the list; null when it has ended."""

    items: list[JobSummaryView]
    next_cursor: str | None


AttemptState = Literal["assigned", "armed", "running", "ended"]


class AttemptView(View):
    """One try of a job on one runner. `log_size` counts the bytes of output stored so far."""

    number: int
    state: AttemptState
    runner: str | None
    claimed_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    ending: Ending | None
    exit_code: int | None
    signal: int | None
    message: str | None
    end_confirmed: bool | None
    containment: str | None
    lease: int | None = Field(description="So many seconds its host goes on alone before it ends it; null: for ever.")
    lease_until: Moment | None = Field(description="When that is over for the server, unless its host is heard of.")
    log_size: int
    log_complete: bool
    log_removed_at: Moment | None = Field(description="When its output was removed, having been kept long enough.")
    masked: int | None = Field(
        description="How often values of its secrets were replaced in output and reports; known at its end."
    )
    cpu_seconds: float | None
    max_rss_bytes: int | None

    @classmethod
    def of(cls, record: AttemptRecord, runners: Runners) -> Self:
        """The attempt, its runner called by name."""
        attempt, outcome = record.attempt, record.attempt.outcome
        usage = outcome.usage if outcome else None
        return cls(
            number=attempt.number,
            state=_state_of(attempt),
            runner=runners.get(attempt.runner_id),
            claimed_at=attempt.claimed_at,
            started_at=attempt.started_at,
            ended_at=attempt.ended_at,
            ending=outcome.ending if outcome else None,
            exit_code=outcome.exit_code if outcome else None,
            signal=outcome.signal if outcome else None,
            message=outcome.message if outcome else None,
            end_confirmed=outcome.tree_empty if outcome else None,
            containment=attempt.containment,
            lease=attempt.lease,
            lease_until=attempt.lease_until,
            log_size=record.log_stored,
            log_complete=attempt.log_complete and not attempt.live and attempt.log_removed_at is None,
            log_removed_at=attempt.log_removed_at,
            masked=outcome.masked if outcome else None,
            cpu_seconds=usage.cpu_seconds if usage else None,
            max_rss_bytes=usage.max_rss_bytes if usage else None,
        )


class AttemptsView(View):
    """The attempts of a job, by number."""

    items: list[AttemptView]


def _state_of(attempt: Attempt) -> AttemptState:
    if not attempt.live:
        return "ended"
    if attempt.started_at:
        return "running"
    return "armed" if attempt.armed else "assigned"
