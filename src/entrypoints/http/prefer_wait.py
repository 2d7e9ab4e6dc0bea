"""`Prefer: wait=N` (RFC 7240): the answer may come later, if it can then tell the end."""

import re
from functools import partial
from time import monotonic
from typing import Any, Final

from litestar import Request

from ...application.jobs.get_job import GetJobCommand
from ...application.jobs.get_summary import GetSummaryCommand
from ...application.ports.jobs import JobRecord
from ...application.ports.rings import about_job
from ...domain.jobs.ids import JobId
from .provided import Provided
from .streaming import Wake
from .threads import StreamThreads

MOST_SECONDS: Final = 60
_LOOK_SECONDS: Final = 1.0
_WAIT: Final = re.compile(r'\s*wait\s*=\s*"?(\d{1,6})"?\s*(;.*)?', re.ASCII | re.IGNORECASE)


def preferred_wait(request: Request[Any, Any, Any]) -> int:
    """How many seconds the caller would wait; a preference that is not understood is none."""
    preferences = request.headers.get("prefer", "").split(",")
    found = next((match for match in map(_WAIT.fullmatch, preferences) if match), None)
    return min(int(found[1]), MOST_SECONDS) if found else 0


async def finished_within(seconds: float, provided: Provided, threads: StreamThreads, job_id: JobId) -> JobRecord:
    """The job once it has finished, or as it is after so many seconds, or when the server is about to stop."""
    end = monotonic() + seconds
    ring = partial(provided.rings.listen, about_job(job_id))
    with Wake.of(ring, provided.shutdown.listen) as wake:
        while True:
            wake.clear()
            summary = await threads.run(partial(provided.get_summary.execute, GetSummaryCommand(job_id=job_id)))
            left = end - monotonic()
            if summary.job.finished or left <= 0 or provided.shutdown.begun:
                return await threads.run(partial(provided.get_job.execute, GetJobCommand(job_id=job_id)))
            await wake.wait(min(left, _LOOK_SECONDS))
