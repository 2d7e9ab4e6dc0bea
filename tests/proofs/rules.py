"""Rules of the product that can be broken on purpose, to see that the state machine notices."""

from dataclasses import replace
from typing import Any, Final

from runyard.adapters.memory.reading import MemoryJobReading
from runyard.adapters.sql import jobs as sql_jobs
from runyard.adapters.sql.seats import SqlSeats
from runyard.application.jobs import assign_jobs, pause_job
from runyard.application.jobs.cancel_jobs import CancelJobs, CancelJobsCommand
from runyard.application.jobs.create_jobs import CreateJobsCommand, _Answers
from runyard.application.jobs.rerun_job import RerunJob, RerunJobCommand
from runyard.application.limits import running_limits, submission_limits
from runyard.application.limits.room import RoomUnderLimits
from runyard.application.limits.running_limits import RunningLimits
from runyard.domain.jobs import job as job_module
from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.fairness import Served
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Placement
from runyard.domain.jobs.limits import rank
from runyard.domain.jobs.seating import Seating, Waiter, Waits
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission, SubmissionKey
from runyard.domain.runners.runner import Runner

_ADMIT, _FORCED, _TO, _CANCEL_ALL = Seating.admit, Job.forced, _Answers.to, CancelJobs.execute


def _waits_all_the_same(self: Seating, newcomer: Waiter, asked: Concurrency) -> Any:
    patient = OnConflict.QUEUE if asked.on_conflict is OnConflict.REJECT else asked.on_conflict
    return _ADMIT(self, newcomer, replace(asked, on_conflict=patient))


def _endless(self: Seating, newcomer: Waiter, asked: Concurrency) -> Any:
    return _ADMIT(self, newcomer, replace(asked, max_waiting=1000))


def _last_in_line(self: Seating, newcomer: Waiter, asked: Concurrency) -> Any:
    after, answer = _ADMIT(self, newcomer, asked)
    if isinstance(answer, Waits) and answer.replaces:
        return self.joined_by(newcomer), Waits(newcomer.rank, replaces=True)
    return after, answer


def _keeps_its_seat(self: Job, *, now: Any, why: str) -> Job:
    return replace(_FORCED(self, now=now, why=why), seat=self.seat)


def _whatever_happens(job: Job) -> Job:
    return job if job.state is JobState.PAUSED else job.paused()


def _unfinished_too(self: RerunJob, command: RerunJobCommand) -> Any:
    with self._read() as reading:
        spec = reading.jobs.get(command.job_id).spec
    key = command.key and SubmissionKey(command.key, f"rerun of {command.job_id}")
    again = Submission(spec=replace(spec, rerun_of=command.job_id), key=key or None)
    return self._create.execute(CreateJobsCommand(submissions=[again]))[0]


def _any_fingerprint(self: _Answers, job_id: JobId, submission: Submission) -> Any:
    seen, key = self.seen.get(job_id), submission.key
    same = replace(submission, key=SubmissionKey(key.text, seen.fingerprint)) if seen and key else submission
    return _TO(self, job_id, same)


def _every_queue(self: CancelJobs, command: CancelJobsCommand) -> Any:
    return _CANCEL_ALL(self, replace(command, which=replace(command.which, queue=None)))


Switch = tuple[Any, str, Any]

RULES: Final[dict[str, Switch]] = {
    "a free seat goes to who waits": (Seating, "filled", lambda self: (self, [])),
    "the oldest makes room": (
        Seating,
        "held_by",
        property(lambda self: sorted(self.holders.values(), reverse=True)),
    ),
    "who replaces comes next": (Seating, "admit", _last_in_line),
    "who will not wait is turned away": (Seating, "admit", _waits_all_the_same),
    "a line has an end": (Seating, "admit", _endless),
    "the last one to name a key sets its limit": (Seating, "limited_to", lambda self, _limit: self),
    "who ends gives the seat back": (Job, "forced", _keeps_its_seat),
    "a paused queue is not claimed from": (assign_jobs, "held_back", lambda _pauses, _now: frozenset()),
    "a job runs only where it may": (Placement, "allows", lambda _self, _runner: True),
    "a closed runner takes nothing": (Runner, "takes_work", lambda _self, _now: True),
    "a runner has so many slots": (MemoryJobReading, "count_live_on", lambda _self, _runner: 0),
    "owners take turns": (Served, "after", lambda self, _walked, _started: self),
    "priorities count": (job_module, "rank", lambda eligible_at, _priority: rank(eligible_at, 0)),
    "what is being cancelled is not paused": (pause_job, "paused", _whatever_happens),
    "only what has ended is run again": (RerunJob, "execute", _unfinished_too),
    "no more run than may": (RunningLimits, "_fitting", lambda self, taken: (taken, self._room)),
    "a full project is passed by": (running_limits, "_without_the_rest", lambda shares, _kept, _full: shares),
    "no more wait than may": (submission_limits, "_room", lambda _work, _in_force, _specs: RoomUnderLimits({})),
    "a key names one submission": (_Answers, "to", _any_fingerprint),
    "a cancel of many keeps to what was meant": (CancelJobs, "execute", _every_queue),
}
"""Each by the class or module, the name there, and what stands there when it is broken."""


def _nowhere(_job: Job) -> list[Any]:
    return []


IN_SQL: Final[dict[str, Switch]] = {
    "seats have a table": (sql_jobs, "_hold", _nowhere),
    "lines have a table": (sql_jobs, "_waiter", _nowhere),
    "jobs of a key are swept": (SqlSeats, "restless", lambda _self, _k: []),
}
"""What only a store that keeps tables can break; memory beside it goes on as it should."""
