"""Rerun a job: the same specification again, as a new job."""

from dataclasses import dataclass, replace

from ...domain.errors import RunyardError
from ...domain.jobs.errors import JobNotFinished
from ...domain.jobs.ids import JobId
from ...domain.jobs.submission import Submission, SubmissionKey
from ..ports.calling import UseCase
from ..ports.work import Begin, Reading
from .create_jobs import Created, CreateJobsCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunJobCommand:
    """The job to run again; `key` names this rerun, so that repeating it makes no second one.

    `owner` is whose the new one is, unless None: as the old one. `unseen` is what to answer where the key names a rerun
    of another owner.
    """

    job_id: JobId
    key: str | None = None
    owner: str | None = None
    unseen: RunyardError | None = None


class RerunJob:
    """Makes a new job of an old one, which stays as it is. Counts start anew, and so do deadlines."""

    def __init__(self, read: Begin[Reading], create: UseCase[CreateJobsCommand, list[Created]]) -> None:
        self._read = read
        self._create = create

    def execute(self, command: RerunJobCommand) -> Created:
        """The new job; refused if the old one has not finished."""
        with self._read() as reading:
            old = reading.jobs.get(command.job_id)
        if not old.job.finished:
            raise JobNotFinished(command.job_id)
        key = None if command.key is None else SubmissionKey(command.key, f"rerun of {command.job_id}")
        owner = old.spec.owner if command.owner is None else command.owner
        again = Submission(spec=replace(old.spec, owner=owner, rerun_of=command.job_id, parent=None), key=key)
        unseen = {} if command.unseen is None else {0: command.unseen}
        (created,) = self._create.execute(CreateJobsCommand(submissions=[again], unseen=unseen))
        return created
