"""Append output: store what attempts wrote, each byte once."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.errors import RunyardError
from ...domain.jobs.errors import StaleAttempt
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.log import LogChunk
from ...domain.runners.ids import RunnerId
from ..ports.jobs import Change
from ..ports.rings import Rings, about_job, about_log
from ..ports.work import Begin, ReportWork
from .seated_jobs import SeatedJobs


@dataclass(frozen=True, slots=True)
class FencedChunk:
    """Output of an attempt, under the fence its sender knows."""

    chunk: LogChunk
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendOutputCommand:
    """Output of any number of attempts; chunks of one attempt in order.

    `of`: the runner whose they are, if it may not speak for others.
    """

    chunks: Sequence[FencedChunk]
    of: RunnerId | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of one chunk: how far its host need not keep the log, or why the chunk was refused."""

    ref: AttemptRef
    stored: int
    refused: RunyardError | None = None


class AppendOutput:
    """Extends logs. A repeated chunk is harmless, a gap or an old fence is refused, chunk by chunk."""

    def __init__(self, begin: Begin[ReportWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: AppendOutputCommand) -> list[Appended]:
        """An answer for each chunk, in the order given; what is answered as stored is durable."""
        refs = {item.chunk.ref for item in command.chunks}
        with self._begin() as work:
            seated = SeatedJobs.lock(work, {ref.job_id for ref in refs})
            jobs = {job.id: job for job in seated.jobs}
            heads = work.logs.heads(refs)
            answers, fresh = [], []
            for item in command.chunks:
                ref = item.chunk.ref
                try:
                    job = jobs.get(ref.job_id)
                    if job is None:
                        raise StaleAttempt(ref)
                    if not job.expecting(ref, item.fence, on=command.of).current.log_complete:
                        answers.append(Appended(ref, item.chunk.end))  # behind the gap nothing is kept, here or there
                        continue
                    heads[ref], new = heads[ref].extended(item.chunk)
                except RunyardError as refusal:
                    answers.append(Appended(ref, heads[ref].stored, refusal))
                    continue
                answers.append(Appended(ref, heads[ref].stored))
                if new is not None:
                    fresh.append(new)
            work.logs.append(fresh)
            now = work.now()
            changes = [
                Change(job, job.settled(log_stored=heads[job.ref].stored, now=now))
                for job in jobs.values()
                if job.live and job.ref in heads
            ]
            seated.save_all(changes, now=now)
            work.commit()
        moved = {about_job(change.after.id) for change in changes if change.after is not change.before}
        self._rings.ring({about_log(chunk.ref.job_id) for chunk in fresh} | moved | seated.topics)
        return answers
