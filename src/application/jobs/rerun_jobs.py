"""Rerun jobs: each finished one that a filter means again as a new job, a few at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from ...domain.errors import RunyardError
from ...domain.jobs.errors import IdempotencyMismatch, JobNotFinished, JobNotFound
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.submission import KEY_LIFETIME, Submission, SubmissionKey
from ..ports.calling import UseCase
from ..ports.jobs import JobFilter, JobPage
from ..ports.submission_keys import Reservation, Seen
from ..ports.system import Identifiers
from ..ports.work import Begin, KeysWork, Reading
from .create_jobs import Created, CreateJobsCommand
from .list_jobs import ListJobsCommand

CHUNK: Final = 50
"""So many jobs are made in one transaction; the specification of each is read whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunJobsCommand:
    """Which jobs, older than which, and no more than so many; `dry_run` only tells what would become of them.

    `key` names the call, so that repeating it, in part or with its next pages, reruns nothing twice. `owner` is whose
    the new ones are, unless None: as the old ones.
    """

    which: JobFilter
    most: int
    after: JobId | None = None
    dry_run: bool = False
    key: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Rerun:
    """What became of one job: its rerun, which an earlier call may have made (`replayed`), or why there is none."""

    job_id: JobId
    again: JobId | None = None
    replayed: bool = False
    refused: RunyardError | None = None


@dataclass(frozen=True, slots=True)
class Reruns:
    """The jobs that were meant, newest first; `next_after` continues them, None when that were all."""

    items: tuple[Rerun, ...]
    next_after: JobId | None


class RerunJobs:
    """Makes a new job of each. Whatever it did before it failed is done; asking again under the key does the rest."""

    def __init__(
        self,
        begin: Begin[KeysWork],
        read: Begin[Reading],
        pages: UseCase[ListJobsCommand, JobPage],
        create: UseCase[CreateJobsCommand, list[Created]],
        identifiers: Identifiers,
    ) -> None:
        self._begin = begin
        self._read = read
        self._pages = pages
        self._create = create
        self._identifiers = identifiers

    def execute(self, command: RerunJobsCommand) -> Reruns:
        """An answer for each job that is meant; one that has not finished is refused and hinders no other."""
        which = command.which if command.dry_run else self._pinned(command)
        done: list[Rerun] = []
        after = command.after
        while len(done) < command.most:
            wanted = min(CHUNK, command.most - len(done))
            page = self._pages.execute(ListJobsCommand(which=which, after=after, limit=wanted))
            done += self._rerun([item.job for item in page.items], command)
            after = page.next_after
            if after is None:
                break
        return Reruns(tuple(done), after)

    def _pinned(self, command: RerunJobsCommand) -> JobFilter:
        """The filter without what was created since the call was first made, its own reruns among that."""
        if command.key is None:
            return command.which  # pages lead to older jobs only
        begun, before = self._begun(_pin(command, command.key)), command.which.created_before
        return replace(command.which, created_before=begun if before is None else min(before, begun))

    def _begun(self, key: SubmissionKey) -> datetime:
        """When this key was first used; the store's clock says it of the jobs, too."""
        with self._begin() as work:
            now = work.now()
            # The call is no job, so the id that its key needs is one that no job has.
            wanted = Reservation(key, self._identifiers.job_id(), now + KEY_LIFETIME)
            (answer,) = work.keys.reserve([wanted])
            work.commit()
        if not isinstance(answer, Seen):
            return now
        if answer.fingerprint != key.fingerprint:
            raise IdempotencyMismatch(key.text)
        return answer.until - KEY_LIFETIME

    def _rerun(self, jobs: Sequence[Job], command: RerunJobsCommand) -> list[Rerun]:
        again = self._submissions([job.id for job in jobs if job.finished], command)
        made: dict[JobId, Created] = {}
        if again and not command.dry_run:
            answers = self._create.execute(CreateJobsCommand(submissions=list(again.values())))
            made = dict(zip(again, answers, strict=True))
        return [_told(job, again, made) for job in jobs]

    def _submissions(self, ids: Sequence[JobId], command: RerunJobsCommand) -> Mapping[JobId, Submission]:
        """The same specifications again; of jobs that were removed meanwhile there are none."""
        found: dict[JobId, Submission] = {}
        with self._read() as reading:
            for job_id in ids:
                try:
                    spec = reading.jobs.get(job_id).spec
                except JobNotFound:
                    continue
                key, owner = command.key, spec.owner if command.owner is None else command.owner
                own = None if key is None else SubmissionKey(f"{key}/{job_id}", f"rerun of {job_id}")
                found[job_id] = Submission(spec=replace(spec, owner=owner, rerun_of=job_id, parent=None), key=own)
        return found


def _told(job: Job, again: Mapping[JobId, Submission], made: Mapping[JobId, Created]) -> Rerun:
    if not job.finished:
        return Rerun(job.id, refused=JobNotFinished(job.id))
    if job.id not in again:
        return Rerun(job.id, refused=JobNotFound(job.id))
    created = made.get(job.id)
    if created is None:
        return Rerun(job.id)
    return Rerun(job.id, created.record.job.id if created.record else None, created.replayed, created.refused)


def _pin(command: RerunJobsCommand, key: str) -> SubmissionKey:
    """The key of the call: the caller's own, as it may mean jobs of many projects."""
    fingerprint = _fingerprint(command.which)
    return (
        SubmissionKey(key, fingerprint)
        if command.owner is None
        else SubmissionKey(key, fingerprint, f"@{command.owner}")
    )


def _fingerprint(which: JobFilter) -> str:
    """What tells one filter from another."""
    said = (
        sorted(which.states),
        which.id_part,
        which.project,
        which.owner,
        which.queue,
        which.name,
        sorted(which.labels),
        which.created_after and which.created_after.timestamp(),
        which.created_before and which.created_before.timestamp(),
    )
    return f"rerun of {sha256(repr(said).encode(errors='backslashreplace')).hexdigest()}"
