"""Appends 200 MB of output to a log, reads it back, and prints by how many MB the process grew: `URL`."""

import resource
import sys

from runyard.adapters.sql.store import open_store
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.states import JobState

from ...builders import NOON, a_new_job

MEGABYTES = 200
PIECES = tuple(LogRecord(Stream.STDOUT, NOON, bytes([number]) * (64 << 10)) for number in range(16))


def grown(start: int) -> int:
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024


def main(url: str) -> None:
    store = open_store(url)
    new = a_new_job(state=JobState.RUNNING)
    with store.begin() as work:
        work.jobs.add_all([new])
        work.commit()
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(MEGABYTES):
        with store.begin() as work:
            work.logs.append([LogChunk(new.job.ref, number << 20, PIECES)])
            work.commit()
    offset = 0
    while True:
        with store.read() as reading:
            part = reading.logs.read(new.job.ref, offset=offset, most=256 << 10)
        if not part.chunks:
            break
        offset = part.end
    assert offset == MEGABYTES << 20
    print(grown(start))


if __name__ == "__main__":
    main(sys.argv[1])
