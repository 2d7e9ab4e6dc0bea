"""The facade of the library over use cases of this process: the part that acts on jobs."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Unpack

from ...application.jobs.cancel_job import CancelJobCommand
from ...application.jobs.cancel_jobs import CancelJobsCommand, Meant
from ...application.jobs.force_finish import ForceFinishCommand
from ...application.jobs.get_job import GetJobCommand
from ...application.jobs.pause_job import PauseJobCommand
from ...application.jobs.rerun_job import RerunJobCommand
from ...application.jobs.rerun_jobs import RerunJobsCommand, Reruns
from ...application.jobs.resume_job import ResumeJobCommand
from ...application.ports.jobs import JobFilter, JobRecord
from ...domain.jobs.ids import JobId
from ..client.acting import id_of
from ..client.errors import RunyardClientError
from ..client.fields import JobsMeant
from ..client.jobs import Job, JobSummary, Rerun
from ..http.rerun_jobs import LONGEST_KEY
from ..http.views import JobView, SubmittedView
from .meant import filter_of
from .refusals import as_client_error, told


class EmbeddedActing:
    """What may become of jobs on request."""

    _read: Any
    _jobs: Any

    def get(self, job_id: str) -> Job:
        """The job as it is now."""
        with told():
            return shown(self._jobs.get_job().execute(GetJobCommand(job_id=JobId(job_id))), self._names())

    def cancel(self, job: JobSummary | str) -> Job:
        """Ask for the end. No further attempt starts; what runs gets its grace period."""
        with told():
            self._jobs.cancel_job().execute(CancelJobCommand(job_id=JobId(id_of(job))))
        return self.get(id_of(job))

    def rerun(self, job: JobSummary | str, *, idempotency_key: str | None = None) -> Job:
        """A new job with the specification of one that has finished; its `rerun_of` names that one."""
        with told():
            command = RerunJobCommand(job_id=JobId(id_of(job)), key=idempotency_key)
            created = self._jobs.rerun_job().execute(command)
            view = SubmittedView.of(created.accepted, self._names(), replayed=created.replayed)
            return Job.of(view.model_dump(mode="json"))

    def pause(self, job: JobSummary | str) -> Job:
        """Stop its processes where they are; its run timeout stands still."""
        with told():
            self._jobs.pause_job().execute(PauseJobCommand(job_id=JobId(id_of(job))))
        return self.get(id_of(job))

    def resume(self, job: JobSummary | str) -> Job:
        """Let the processes of a paused job go on."""
        with told():
            self._jobs.resume_job().execute(ResumeJobCommand(job_id=JobId(id_of(job))))
        return self.get(id_of(job))

    def force_finish(self, job: JobSummary | str, reason: str) -> Job:
        """End it in the books, whatever its host says: for hosts that are gone. The reason is kept."""
        with told():
            self._jobs.force_finish().execute(ForceFinishCommand(job_id=JobId(id_of(job)), why=reason))
        return self.get(id_of(job))

    def cancel_many(
        self, *, state: str | Iterable[str] | None = None, dry_run: bool = False, **which: Unpack[JobsMeant]
    ) -> tuple[str, ...]:
        """Cancel all unfinished jobs for which all of this is true; their ids. Something must be said."""
        command = CancelJobsCommand(which=_meant(state, which), most=sys.maxsize, dry_run=dry_run)
        with told():
            meant: Meant = self._jobs.cancel_jobs().execute(command)
        return meant.ids

    def rerun_many(
        self,
        *,
        state: str | Iterable[str] | None = None,
        dry_run: bool = False,
        idempotency_key: str | None = None,
        **which: Unpack[JobsMeant],
    ) -> tuple[Rerun, ...]:
        """Run all jobs again for which all of this is true; what became of each. Something must be said."""
        if idempotency_key is not None and len(idempotency_key) > LONGEST_KEY:
            advice = f"Take one of {LONGEST_KEY} characters at most."
            raise RunyardClientError("the idempotency key is too long", code="invalid-fields", advice=advice)
        wanted = _meant(state, which)
        with told():
            command = RerunJobsCommand(which=wanted, most=sys.maxsize, dry_run=dry_run, key=idempotency_key)
            reruns: Reruns = self._jobs.rerun_jobs().execute(command)
        return tuple(
            Rerun(
                job_id=each.job_id,
                id=each.again,
                replayed=each.replayed,
                error=as_client_error(each.refused) if each.refused else None,
            )
            for each in reruns.items
        )

    def _names(self) -> Mapping[Any, str]:
        with self._read() as reading:
            names: Mapping[Any, str] = reading.runners.names()
        return names


def _meant(state: str | Iterable[str] | None, which: JobsMeant) -> JobFilter:
    wanted = filter_of([state] if isinstance(state, str) else [*(state or ())], which)
    if wanted == JobFilter():
        raise RunyardClientError("no job is meant", code="invalid-fields", advice="Say which: by state, label, …")
    return wanted


def shown(record: JobRecord, names: Mapping[Any, str]) -> Job:
    """The job as the library shows it."""
    return Job.of(JobView.of(record, names).model_dump(mode="json"))
