"""The facade of the library over use cases of this process, without HTTP between."""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from time import monotonic
from typing import Any, Unpack

from ...application.accounts.guard import Always, Who
from ...application.jobs.create_jobs import Created, CreateJobsCommand
from ...application.jobs.explain_job import ExplainJobCommand
from ...application.jobs.get_summary import GetSummaryCommand
from ...application.jobs.list_attempts import ListAttemptsCommand
from ...application.jobs.list_jobs import ListJobsCommand
from ...application.jobs.read_log import LogPart
from ...application.ports.jobs import JobSummary as CoreSummary
from ...application.ports.rings import about_job, about_log
from ...domain.accounts.access import OPERATING_ACCOUNT
from ...domain.jobs.ids import JobId
from ...domain.jobs.log import Stream, joined
from ...domain.jobs.submission import Submission, SubmissionKey
from ..client.acting import id_of
from ..client.batches import batches
from ..client.errors import RunyardClientError, WaitTimedOut
from ..client.explanations import Explanation
from ..client.fields import Command, JobFields, JobRequest, JobsMeant
from ..client.jobs import Attempt, Job, JobSummary, Submitted, as_body
from ..http.batches import create_items, read_batch
from ..http.bodies import fingerprint, read_job
from ..http.explain_job import ExplanationView
from ..http.views import AttemptView, JobSummaryView, SubmittedView
from ..wiring.embedded import EmbeddedContainer
from .accounts import EmbeddedAccounts, EmbeddedTokens
from .acting import EmbeddedActing
from .admitted import Admitted
from .audit import EmbeddedAudit
from .following import LogFollower, stored_parts
from .meant import filter_of
from .projects import EmbeddedProjects
from .queues import EmbeddedQueues
from .refusals import as_client_error, told
from .runners import EmbeddedRunners
from .secrets import EmbeddedSecrets

_OPERATOR = Always(OPERATING_ACCOUNT)
_LOOK_SECONDS = 1.0
_PAGE = 200


class EmbeddedYard(EmbeddedActing):
    """The facade of the library over use cases of this process, as the caller may use them. Thread-safe."""

    def __init__(self, container: EmbeddedContainer, who: Who = _OPERATOR) -> None:
        self._container, read = container, container.adapters.read()
        self._read, self._who = read, who
        refusals = container.audit.record_refusal()

        def admitted(use_cases: Any) -> Admitted:
            return Admitted(use_cases, who, read, refusals)

        self._jobs = admitted(container.jobs)
        self.runners = EmbeddedRunners(admitted(container.runners))
        self.queues = EmbeddedQueues(self._jobs)
        self.projects = EmbeddedProjects(admitted(container.accounts))
        self.accounts = EmbeddedAccounts(admitted(container.accounts), who)
        self.tokens = EmbeddedTokens(admitted(container.accounts))
        self.secrets = EmbeddedSecrets(admitted(container.secrets))
        self.audit = EmbeddedAudit(admitted(container.audit))
        self._rings = container.adapters.rings()

    def submit(self, command: Command, *, idempotency_key: str | None = None, **asked: Unpack[JobFields]) -> Job:
        """Accepted for good once this returns; the same again under the same key is the same job."""
        with told():
            raw = json.dumps(as_body(command, asked)).encode()
            spec = read_job(raw, self._who.name)
            key = None if idempotency_key is None else SubmissionKey(idempotency_key, fingerprint(raw))
            asking = CreateJobsCommand(submissions=[Submission(spec=spec, key=key)])
            (created,) = self._jobs.create_jobs().execute(asking)
            view = SubmittedView.of(
                created.accepted, self._names(), replayed=created.replayed, warnings=created.warnings
            )
            return Job.of(view.model_dump(mode="json"))

    def submit_many(self, jobs: Iterable[JobRequest], *, idempotency_key: str | None = None) -> Iterator[Submitted]:
        """What becomes of each, in the order given; one that is refused hinders no other."""
        first = 0
        for batch in batches(jobs, idempotency_key):
            with told():
                items = read_batch(json.dumps({"jobs": batch}).encode(), None, self._who.name)
                answers = create_items(items, self._jobs.create_jobs())
            yield from (_submitted(first + index, answer) for index, answer in enumerate(answers))
            first += len(batch)

    def list(
        self,
        *,
        state: str | Iterable[str] | None = None,
        id_part: str | None = None,
        limit: int | None = None,
        **asked: Unpack[JobsMeant],
    ) -> Iterator[JobSummary]:
        """Jobs, newest first; `id_part` is a prefix or a suffix of the id."""
        wanted = [state] if isinstance(state, str) else [*(state or ())]
        after, left = None, limit
        with told():
            which = filter_of(wanted, asked, id_part)
        while left is None or left > 0:
            size = _PAGE if left is None else min(left, _PAGE)
            with told():
                page = self._jobs.list_jobs().execute(ListJobsCommand(which=which, after=after, limit=size))
                names = self._names()
            for summary in page.items:
                yield JobSummary.of(JobSummaryView.of(summary, names).model_dump(mode="json"))
            after, left = page.next_after, None if left is None else left - len(page.items)
            if after is None:
                return

    def wait(self, job: JobSummary | str, timeout: float | None = None) -> Job:
        """The job once it has finished; a `TimeoutError` after so many seconds."""
        job_id = id_of(job)
        end = None if timeout is None else monotonic() + timeout
        with self._rung(about_job(JobId(job_id))) as bell:
            while not self._finished(JobId(job_id)):
                left = _LOOK_SECONDS if end is None else min(_LOOK_SECONDS, end - monotonic())
                if left <= 0:
                    raise WaitTimedOut(job_id, timeout or 0)
                _await(bell, left)
            return self.get(job_id)

    def logs(
        self, job: JobSummary | str, *, follow: bool = False, stream: str | None = None, attempt: int | None = None
    ) -> Iterator[bytes]:
        """The bytes of the output; with `follow`, as they come, of all attempts unless one is named."""
        job_id, reader = JobId(id_of(job)), self._jobs.read_log()
        with self._rung(about_job(job_id), about_log(job_id)) as bell, told():
            only = None if stream is None else _stream(stream)
            parts: Iterator[LogPart]
            if follow:
                parts = LogFollower(
                    read_log=reader, wait=lambda: _await(bell, _LOOK_SECONDS), job_id=job_id, attempt=attempt
                ).parts()
            else:
                parts = stored_parts(reader, job_id, attempt)
            for part in parts:
                yield b"".join(joined(chunk.records, only) for chunk in part.slice.chunks)

    def explain(self, job: JobSummary | str) -> Explanation:
        """Why it does not run, if it does not, and the smallest change that would let it."""
        return self._explained(ExplainJobCommand(job=JobId(id_of(job))))

    def explain_submission(self, command: Command, **asked: Unpack[JobFields]) -> Explanation:
        """The same for a job that was not submitted; nothing is created."""
        with told():
            spec = read_job(json.dumps(as_body(command, asked)).encode(), self._who.name)
        return self._explained(ExplainJobCommand(job=spec))

    def attempts(self, job: JobSummary | str) -> tuple[Attempt, ...]:
        """All tries so far, first one first."""
        with told():
            records = self._jobs.list_attempts().execute(ListAttemptsCommand(job_id=JobId(id_of(job))))
            names = self._names()
        return tuple(Attempt.of(AttemptView.of(record, names).model_dump(mode="json")) for record in records)

    def close(self) -> None:
        """Nothing to let go of: leaving `embedded()` stops the yard."""

    def _explained(self, command: ExplainJobCommand) -> Explanation:
        with told():
            explanation = self._jobs.explain_job().execute(command)
        return Explanation.of(ExplanationView.of(explanation).model_dump(mode="json"))

    def _finished(self, job_id: JobId) -> bool:
        with told():
            summary: CoreSummary = self._jobs.get_summary().execute(GetSummaryCommand(job_id=job_id))
        return summary.job.finished

    @contextmanager
    def _rung(self, *topics: str) -> Iterator[Event]:
        bell = Event()
        with ExitStack() as stack:
            for topic in topics:
                stack.callback(self._rings.listen(topic, bell.set))
            yield bell


def _await(bell: Event, seconds: float) -> None:
    bell.wait(seconds)
    bell.clear()


def _submitted(index: int, created: Created) -> Submitted:
    job_id = created.record.job.id if created.record else None
    error = as_client_error(created.refused) if created.refused else None
    return Submitted(index=index, id=job_id, replayed=created.replayed, error=error)


def _stream(name: str) -> Stream:
    try:
        return Stream[name.upper()]
    except KeyError:
        raise RunyardClientError(
            f"{name!r} is no stream", code="unknown-stream", advice="Known are stdout, stderr and system."
        ) from None
