"""The stored output of a job, as bytes."""

from collections.abc import AsyncGenerator, Iterator
from functools import partial
from typing import Annotated, Literal

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter
from litestar.response.base import ASGIResponse

from ...application.jobs.list_attempts import ListAttemptsCommand
from ...application.jobs.read_log import LogPart, ReadLogCommand
from ...application.ports.calling import UseCase
from ...domain.jobs.errors import AttemptNotFound
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.log import Stream
from .addresses import job_id_of
from .given import ListAttempts, ReadLog, Threads
from .streaming import StreamedResponse
from .threads import StreamThreads

Number = Annotated[
    int | None, QueryParameter(ge=1, le=1_000_000, description="The number of an attempt; else the latest.")
]
StreamName = Annotated[
    Literal["stdout", "stderr", "system"] | None, QueryParameter(name="stream", description="Only this stream.")
]


class LogsController(Controller):
    """Output."""

    path = "/jobs/{job_id:str}/log"
    tags = ("output",)

    @get(operation_id="getLog", summary="Download the output of an attempt", media_type="application/octet-stream")
    async def log(
        self,
        job_id: FromPath[str],
        list_attempts: ListAttempts,
        read_log: ReadLog,
        threads: Threads,
        stream_name: StreamName = None,
        attempt: Number = None,
    ) -> ASGIResponse:
        """What was stored when the request arrived, byte by byte; what comes later is for the stream to follow."""
        job = job_id_of(job_id)
        number, end = await threads.run(lambda: _stored(list_attempts, job, attempt))
        only = Stream[stream_name.upper()] if stream_name else None
        headers = {"Content-Disposition": f'attachment; filename="{job}.{number}.log"'}
        if only is None:
            headers["Content-Length"] = str(end)
        source = _read(read_log, threads, AttemptRef(job, number), end, only)
        return StreamedResponse(source, media_type="application/octet-stream", headers=headers)


def _stored(list_attempts: ListAttempts, job_id: JobId, number: int | None) -> tuple[int, int]:
    """The attempt to read (0: there is none yet), and how much of its log there is."""
    records = list_attempts.execute(ListAttemptsCommand(job_id=job_id))
    if number is None:
        return (records[-1].attempt.number, records[-1].log_stored) if records else (0, 0)
    stored = {record.attempt.number: record.log_stored for record in records}
    if number not in stored:
        raise AttemptNotFound(AttemptRef(job_id, number))
    return number, stored[number]


async def _read(
    read_log: UseCase[ReadLogCommand, LogPart], threads: StreamThreads, ref: AttemptRef, end: int, only: Stream | None
) -> AsyncGenerator[bytes]:
    offset = 0
    while offset < end:
        command = ReadLogCommand(job_id=ref.job_id, attempt=ref.number, offset=offset)
        part = await threads.run(partial(read_log.execute, command))
        if part.slice.end <= offset:
            raise RuntimeError(f"the log of {ref} ends at {offset} and not at {end}")
        data = b"".join(_chosen(part, end, only))
        if data:
            yield data
        offset = part.slice.end


def _chosen(part: LogPart, end: int, only: Stream | None) -> Iterator[bytes]:
    for chunk in part.slice.chunks:
        at = chunk.offset
        for record in chunk.records:
            if only is None or record.stream is only:
                yield record.data[: max(0, end - at)]
            at += len(record.data)
