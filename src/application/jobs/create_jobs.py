"""Create jobs: from here on they are never lost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ...domain.accounts.projects import DEFAULT_PROJECT, ProjectNotFound
from ...domain.errors import RunyardError
from ...domain.jobs.errors import IdempotencyMismatch, JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.lanes import Lane, hopeless
from ...domain.jobs.submission import KEY_LIFETIME, Submission
from ...domain.runners.runner import Runner
from ..ports.control_tasks import ControlTasks
from ..ports.jobs import JobRecord, NewJob
from ..ports.rings import READY, Rings
from ..ports.submission_keys import Reservation, Seen
from ..ports.system import Identifiers
from ..ports.work import Begin, Reading, SubmitWork
from .admission import Admission
from .seated_jobs import SeatedJobs
from .sweep_jobs import sweep_when_due


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJobsCommand:
    """The jobs to create; specs have been checked when they were made. `refused` are those, by place, that may not.

    `unseen`, by place: what to answer where an earlier job has the key and is not of the owner of this one.
    """

    submissions: Sequence[Submission]
    refused: Mapping[int, RunyardError] = field(default_factory=dict)
    unseen: Mapping[int, RunyardError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Created:
    """What became of one submission: the job, which may be an earlier one (`replayed`), or why there is none.

    `warnings` are sentences for people: the job was accepted all the same.
    """

    record: JobRecord | None = None
    replayed: bool = False
    refused: RunyardError | None = None
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> JobRecord:
        """The job, or the refusal raised."""
        if self.record is None:
            raise self.refused or AssertionError("neither a job nor a refusal")
        return self.record


class CreateJobs:
    """Accepts jobs. When this returns, those it created are durable, and so are their keys."""

    def __init__(
        self,
        begin: Begin[SubmitWork],
        read: Begin[Reading],
        identifiers: Identifiers,
        rings: Rings,
        control_tasks: ControlTasks,
        admission: Admission,
    ) -> None:
        self._begin = begin
        self._read = read
        self._identifiers = identifiers
        self._rings = rings
        self._control_tasks = control_tasks
        self._admission = admission

    def execute(self, command: CreateJobsCommand) -> list[Created]:
        """An answer for each submission, in the order given. One that is refused hinders no other.

        `StorageFull` if there is no room for new ones; what was created before is still answered.
        """
        asked = [(self._identifiers.job_id(), submission) for submission in command.submissions]
        not_allowed = {asked[place][0]: why for place, why in command.refused.items()}
        unseen = {asked[place][0]: why for place, why in command.unseen.items()}
        lanes = {each.spec.lane.key: each.spec.lane for job_id, each in asked if job_id not in not_allowed}
        warnings, missing = self._looked_up(lanes)
        not_allowed |= {job_id: missing[each.spec.project] for job_id, each in asked if each.spec.project in missing}
        made = [(job_id, submission) for job_id, submission in asked if job_id not in not_allowed]
        with self._begin() as work:
            now = work.now()
            seen = _seen(work, made, now=now)
            fresh = {job_id: each for job_id, each in made if job_id not in seen}
            refused = self._admission.refusals(work, {job_id: each.spec for job_id, each in fresh.items()})
            admitted = [(job_id, each) for job_id, each in fresh.items() if job_id not in refused]
            seated = SeatedJobs.lock_to_enter(
                work, [Job.submitted(job_id, each.spec, now=now) for job_id, each in admitted]
            )
            refused |= seated.admit_all(now=now)
            work.keys.release([each.own_key for job_id, each in fresh.items() if each.own_key and job_id in refused])
            new = [NewJob(job, fresh[job.id].spec) for job in seated.entered]
            work.jobs.add_all(new)
            places = work.seats.places([item.job.id for item in new if item.job.in_line])
            records = {item.job.id: JobRecord(item.job, item.spec, places.get(item.job.id)) for item in new}
            records |= work.reading.records({each.job_id for each in seen.values()} - records.keys())
            work.commit()
        if new:
            self._rings.ring({READY} | seated.topics)
            sweep_when_due(self._control_tasks, [item.job for item in new], now=now)
        answers = _Answers(seen, refused | not_allowed, unseen, records)
        return [_warned(answers.to(job_id, submission), warnings) for job_id, submission in asked]

    def _looked_up(self, lanes: Mapping[str, Lane]) -> tuple[dict[str, str], dict[str, RunyardError]]:
        """What to say of these lanes, by key; and of which projects that there are none."""
        projects = {lane.project for lane in lanes.values()} - {DEFAULT_PROJECT}
        with self._read() as reading:
            known = {project.name for project in reading.projects.all()} if projects else set()
            asked = {(lane.project, lane.placement.runner) for lane in lanes.values()}
            runners = {each: _Remembered(reading.runners.each(*each)) for each in asked}
            told = {key: hopeless(lane, runners[lane.project, lane.placement.runner]) for key, lane in lanes.items()}
        missing: dict[str, RunyardError] = {each: ProjectNotFound(each) for each in projects - known}
        return {key: warning for key, warning in told.items() if warning}, missing


class _Remembered:
    """May be gone through again and again; of the source no more is read than somebody has asked for."""

    def __init__(self, source: Iterator[Runner]) -> None:
        self._source = source
        self._seen: list[Runner] = []

    def __iter__(self) -> Iterator[Runner]:
        yield from self._seen
        for each in self._source:
            self._seen.append(each)
            yield each


def _warned(answer: Created, warnings: Mapping[str, str]) -> Created:
    warning = warnings.get(answer.record.job.lane) if answer.record and not answer.record.job.finished else None
    return replace(answer, warnings=(warning,)) if warning else answer


def _seen(work: SubmitWork, made: Sequence[tuple[JobId, Submission]], *, now: datetime) -> dict[JobId, Seen]:
    """The submissions whose key was used before, by the id their job would have had."""
    wanted = [Reservation(each.own_key, job_id, now + KEY_LIFETIME) for job_id, each in made if each.own_key]
    answers = zip(wanted, work.keys.reserve(wanted), strict=True)
    return {item.job_id: answer for item, answer in answers if isinstance(answer, Seen)}


@dataclass(frozen=True, slots=True)
class _Answers:
    """All there is to say, by the ids that the jobs have or would have had."""

    seen: Mapping[JobId, Seen]
    refused: Mapping[JobId, RunyardError]
    unseen: Mapping[JobId, RunyardError]
    records: Mapping[JobId, JobRecord]

    def to(self, job_id: JobId, submission: Submission) -> Created:
        seen, key = self.seen.get(job_id), submission.key
        if seen and key and seen.fingerprint != key.fingerprint:
            return Created(refused=IdempotencyMismatch(key.text))
        named = seen.job_id if seen else job_id
        found = self.records.get(named)
        if found is None:
            return Created(refused=self.refused.get(named) or JobNotFound(named))
        if seen and job_id in self.unseen and found.spec.owner != submission.spec.owner:
            return Created(refused=self.unseen[job_id])
        return Created(found, replayed=seen is not None)
