"""A whole Runyard in this process, for batch tooling: the same use cases, without HTTP between."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from threading import Event
from time import monotonic
from typing import Any, Unpack

import structlog

from ..application.jobs.cancel_job import CancelJobCommand
from ..application.jobs.create_jobs import CreateJobsCommand
from ..application.jobs.get_job import GetJobCommand
from ..application.jobs.list_attempts import ListAttemptsCommand
from ..application.jobs.list_jobs import ListJobsCommand
from ..application.jobs.read_log import LogPart
from ..application.ports.jobs import JobFilter, JobRecord
from ..application.ports.rings import about_job
from ..domain.errors import Refusal, RunyardError
from ..domain.jobs.errors import InvalidJob
from ..domain.jobs.ids import JobId
from ..domain.jobs.log import Stream, joined
from ..domain.jobs.states import FINAL_STATES, JobState
from ..domain.jobs.submission import Submission, SubmissionKey
from .client.errors import RunyardClientError, WaitTimedOut
from .client.jobs import Attempt, Command, Job, JobFields, as_body
from .data_dir import DataDir
from .following import LogFollower, stored_parts
from .http.bodies import UnreadableBody, fingerprint, read_job
from .http.views import AttemptView, JobView, SubmittedView
from .logging import configure_structlog
from .settings import Settings
from .wiring.embedded import EmbeddedContainer

_LOOK_SECONDS = 1.0
_PAGE = 200
_PATIENCE_SECONDS = 15.0
_ADVICE = {
    Refusal.INVALID: "Correct what is named and try again.",
    Refusal.UNAUTHENTICATED: "Use a token that opens the door.",
    Refusal.FORBIDDEN: "Use a token that may do this.",
    Refusal.NOT_FOUND: "See the jobs there are with `yard.list()`.",
    Refusal.CONFLICT: "Look at what is there now, then decide.",
    Refusal.UNAVAILABLE: "Wait a moment, then try again.",
}


class EmbeddedYard:
    """The facade of the library over use cases of this process. Thread-safe."""

    def __init__(self, container: EmbeddedContainer) -> None:
        self._container = container
        self._jobs = container.jobs
        self._rings = container.adapters.rings()

    def submit(self, command: Command, *, idempotency_key: str | None = None, **asked: Unpack[JobFields]) -> Job:
        """Accepted for good once this returns; the same again under the same key is the same job."""
        with _told():
            raw = json.dumps(as_body(command, asked)).encode()
            spec = read_job(raw)
            key = None if idempotency_key is None else SubmissionKey(idempotency_key, fingerprint(raw))
            asking = CreateJobsCommand(submissions=[Submission(spec=spec, key=key)])
            (created,) = self._jobs.create_jobs().execute(asking)
            view = SubmittedView.of(created.accepted, self._names(), replayed=created.replayed)
            return Job.of(view.model_dump(mode="json"))

    def get(self, job_id: str) -> Job:
        """The job as it is now."""
        with _told():
            return self._shown(self._jobs.get_job().execute(GetJobCommand(job_id=JobId(job_id))))

    def list(
        self, *, state: str | Iterable[str] | None = None, id_part: str | None = None, limit: int | None = None
    ) -> Iterator[Job]:
        """Jobs, newest first; `id_part` is a prefix or a suffix of the id."""
        wanted = [state] if isinstance(state, str) else [*(state or ())]
        after, left = None, limit
        with _told():
            which = JobFilter(states=frozenset(_state(name) for name in wanted), id_part=id_part)
        while left is None or left > 0:
            size = _PAGE if left is None else min(left, _PAGE)
            with _told():
                page = self._jobs.list_jobs().execute(ListJobsCommand(which=which, after=after, limit=size))
            yield from map(self._shown, page.items)
            after, left = page.next_after, None if left is None else left - len(page.items)
            if after is None:
                return

    def wait(self, job: Job | str, timeout: float | None = None) -> Job:
        """The job once it has finished; a `TimeoutError` after so many seconds."""
        job_id = _id(job)
        end = None if timeout is None else monotonic() + timeout
        with self._rung(job_id) as bell:
            while not (found := self.get(job_id)).finished:
                left = _LOOK_SECONDS if end is None else min(_LOOK_SECONDS, end - monotonic())
                if left <= 0:
                    raise WaitTimedOut(job_id, timeout or 0)
                _await(bell, left)
            return found

    def logs(
        self, job: Job | str, *, follow: bool = False, stream: str | None = None, attempt: int | None = None
    ) -> Iterator[bytes]:
        """The bytes of the output; with `follow`, as they come, of all attempts unless one is named."""
        job_id, reader = JobId(_id(job)), self._jobs.read_log()
        with self._rung(job_id) as bell, _told():
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

    def cancel(self, job: Job | str) -> Job:
        """Ask for the end. No further attempt starts; what runs gets its grace period."""
        with _told():
            self._jobs.cancel_job().execute(CancelJobCommand(job_id=JobId(_id(job))))
        return self.get(_id(job))

    def attempts(self, job: Job | str) -> tuple[Attempt, ...]:
        """All tries so far, first one first."""
        with _told():
            records = self._jobs.list_attempts().execute(ListAttemptsCommand(job_id=JobId(_id(job))))
            names = self._names()
        return tuple(Attempt.of(AttemptView.of(record, names).model_dump(mode="json")) for record in records)

    def close(self) -> None:
        """Nothing to let go of: leaving `embedded()` stops the yard."""

    def _shown(self, record: JobRecord) -> Job:
        return Job.of(JobView.of(record, self._names()).model_dump(mode="json"))

    def _names(self) -> Mapping[Any, str]:
        with self._container.adapters.read()() as reading:
            names: Mapping[Any, str] = reading.runners.names()
        return names

    @contextmanager
    def _rung(self, job_id: str) -> Iterator[Event]:
        bell = Event()
        stop = self._rings.listen(about_job(JobId(job_id)), bell.set)
        try:
            yield bell
        finally:
            stop()


@contextmanager
def embedded(data_dir: str | PathLike[str] | None = None, *, slots: int | None = None) -> Iterator[EmbeddedYard]:
    """A yard with `slots` (default: cores) on this machine.

    With a `data_dir` everything stays there: leaving lets running jobs go on, and the next yard on the same
    directory adopts them. Without one the yard is temporary: leaving cancels what has not finished, and all
    records are removed.
    """
    if data_dir is not None:
        with _running(data_dir, slots) as yard:
            yield yard
        return
    with tempfile.TemporaryDirectory(prefix="runyard-") as folder, _running(folder, slots) as yard:
        try:
            yield yard
        finally:
            _end_everything(yard)


@contextmanager
def _running(folder: str | PathLike[str], slots: int | None) -> Iterator[EmbeddedYard]:
    with _told():
        settings = Settings(data_dir=folder, **({} if slots is None else {"slots": slots}))  # type: ignore[arg-type]
        directory = DataDir(settings.data_dir)
        container = EmbeddedContainer(settings=settings)
    if not structlog.is_configured():
        configure_structlog(settings.log_level)
    try:
        with _told():
            container.engine().start(settings.slots)
        try:
            yield EmbeddedYard(container)
        finally:
            container.engine().stop()
    finally:
        directory.close()


def _end_everything(yard: EmbeddedYard) -> None:
    unfinished = [state.value for state in JobState if state not in FINAL_STATES]
    left = [yard.cancel(job) for job in yard.list(state=unfinished)]
    end = monotonic() + _PATIENCE_SECONDS
    for job in left:
        yard.wait(job, timeout=max(0.1, end - monotonic()))


@contextmanager
def _told() -> Iterator[None]:
    """The core's refusals as the library's errors, the same as over HTTP."""
    try:
        yield
    except InvalidJob as invalid:
        errors = [(problem.pointer, problem.detail) for problem in invalid.problems]
        advice = "Correct what is named and submit again."
        raise RunyardClientError("the job cannot be run", code=invalid.code, advice=advice, errors=errors) from None
    except UnreadableBody as unreadable:
        advice = "Use text that is valid Unicode, and numbers that are finite."
        raise RunyardClientError(str(unreadable), code="unreadable-body", advice=advice) from None
    except RunyardError as refusal:
        raise RunyardClientError(str(refusal), code=refusal.code, advice=_ADVICE[refusal.refusal]) from refusal


def _await(bell: Event, seconds: float) -> None:
    bell.wait(seconds)
    bell.clear()


def _id(job: Job | str) -> str:
    return job if isinstance(job, str) else job.id


def _state(name: str) -> JobState:
    try:
        return JobState(name)
    except ValueError:
        raise RunyardClientError(
            f"{name!r} is no state of a job", code="unknown-state", advice=f"Known are {', '.join(JobState)}."
        ) from None


def _stream(name: str) -> Stream:
    try:
        return Stream[name.upper()]
    except KeyError:
        raise RunyardClientError(
            f"{name!r} is no stream", code="unknown-stream", advice="Known are stdout, stderr and system."
        ) from None
