from functools import partial

import pytest

from runyard.application.jobs.read_log import ReadLogCommand
from runyard.application.ports.rings import about_job, about_log
from runyard.domain.jobs.errors import AttemptNotFound, LogGap, StaleAttempt
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.log import joined
from tests.unit.application.yard import MemoryYard, ended


def test_output_is_stored_each_byte_once(yard: MemoryYard) -> None:
    job = yard.assigned()

    yard.append(yard.chunk(job, 0, b"abc"), fence=job.fence)
    yard.append(yard.chunk(job, 0, b"abc"), yard.chunk(job, 1, b"bcde"), fence=job.fence)

    assert _log(yard, job) == b"abcde"


def test_a_gap_is_refused_and_says_where_to_go_on(yard: MemoryYard) -> None:
    job = yard.assigned()
    yard.append(yard.chunk(job, 0, b"abc"), fence=job.fence)

    (answer,) = yard.append(yard.chunk(job, 4, b"e"), fence=job.fence)

    assert isinstance(answer.refused, LogGap)
    assert answer.stored == 3
    assert _log(yard, job) == b"abc"


def test_output_of_an_ended_attempt_or_under_an_old_fence_is_refused(yard: MemoryYard) -> None:
    job = yard.assigned()

    (old_fence,) = yard.append(yard.chunk(job, 0, b"x"), fence=job.fence - 1)
    yard.report(ended(job), fence=job.fence)
    (too_late,) = yard.append(yard.chunk(job, 0, b"x"), fence=job.fence)

    assert isinstance(old_fence.refused, StaleAttempt)
    assert isinstance(too_late.refused, StaleAttempt)
    assert _log(yard, job) == b""


def test_a_reader_knows_when_the_log_is_complete(yard: MemoryYard) -> None:
    job = yard.assigned()
    yard.append(yard.chunk(job, 0, b"abc"), fence=job.fence)
    assert not yard.read_log.execute(ReadLogCommand(job_id=job.id)).complete

    yard.report(ended(job, log_size=3), fence=job.fence)

    assert yard.read_log.execute(ReadLogCommand(job_id=job.id)).complete


def test_an_attempt_that_never_was_has_no_log(yard: MemoryYard) -> None:
    job = yard.assigned()

    for number in (0, 2):
        with pytest.raises(AttemptNotFound):
            yard.read_log.execute(ReadLogCommand(job_id=job.id, attempt=number))


def _log(yard: MemoryYard, job: Job) -> bytes:
    part = yard.read_log.execute(ReadLogCommand(job_id=job.id))
    return b"".join(joined(chunk.records) for chunk in part.slice.chunks)


def test_output_rings_for_those_who_follow_the_log_and_its_end_for_those_who_wait(yard: MemoryYard) -> None:
    job = yard.assigned()
    heard: list[str] = []
    for topic in (about_job(job.id), about_log(job.id)):
        yard.rings.listen(topic, partial(heard.append, topic))

    yard.append(yard.chunk(job, 0, b"ab"), fence=job.fence)
    assert heard == [about_log(job.id)]

    yard.report(ended(job, log_size=3), fence=job.fence)
    heard.clear()
    yard.append(yard.chunk(job, 2, b"c"), fence=job.fence)

    assert set(heard) == {about_job(job.id), about_log(job.id)}
