from collections import deque
from collections.abc import Callable

from runyard.application.jobs.read_log import LogPart, ReadLogCommand
from runyard.application.ports.executor import Started
from runyard.domain.jobs.limits import Backoff, RetryPolicy
from runyard.domain.jobs.log import joined
from runyard.entrypoints.embedded.following import LogFollower
from tests.unit.application.yard import MemoryYard, ended


def never() -> None:
    raise AssertionError("there was nothing to wait for")


def in_turn(*steps: Callable[[], None]) -> Callable[[], None]:
    """The next of these each time it is waited for, and nothing after the last."""
    left = deque(steps)

    def wait() -> None:
        left.popleft()()

    return wait


class Reader:
    """Reads, and remembers what for."""

    def __init__(self, yard: MemoryYard) -> None:
        self._yard = yard
        self.asked: list[ReadLogCommand] = []

    def execute(self, command: ReadLogCommand, /) -> LogPart:
        self.asked.append(command)
        return self._yard.read_log.execute(command)


def text(parts: list[LogPart]) -> bytes:
    return b"".join(joined(chunk.records) for part in parts for chunk in part.slice.chunks)


def test_following_a_long_log_reads_nothing_that_it_does_not_tell() -> None:
    yard = MemoryYard()
    job = yard.assigned()
    size = 200 << 10
    for number in range(5):
        yard.append(yard.chunk(job, number * size, bytes([number]) * size), fence=job.fence)
    yard.report(ended(job, log_size=5 * size), fence=job.fence)
    reader = Reader(yard)

    parts = list(LogFollower(read_log=reader, wait=never, job_id=job.id, attempt=1).parts())

    assert text(parts) == b"".join(bytes([number]) * size for number in range(5))
    assert len(parts) > 1
    assert len(reader.asked) == len(parts)


def test_a_follower_waits_for_the_first_attempt_and_between_two() -> None:
    yard = MemoryYard()
    job = yard.submit(retry=RetryPolicy(max_attempts=2, backoff=Backoff(initial=1.0)))

    def tries(output: bytes, code: int) -> None:
        (assignment,) = yard.assign()
        tried = assignment.job
        yard.report(Started(tried.ref, "group"), fence=tried.fence)
        yard.append(yard.chunk(tried, 0, output), fence=tried.fence)
        yard.report(ended(tried, code, log_size=len(output)), fence=tried.fence)

    def becomes_eligible() -> None:
        yard.clock.advance(2)
        yard.sweep()

    meanwhile = in_turn(lambda: tries(b"first", 1), becomes_eligible, lambda: tries(b"second", 0))

    parts = list(LogFollower(read_log=yard.read_log, wait=meanwhile, job_id=job.id).parts())

    assert text(parts) == b"firstsecond"


def test_an_attempt_that_will_never_be_ends_a_follower() -> None:
    yard = MemoryYard()
    job = yard.assigned()
    yard.report(ended(job), fence=job.fence)

    assert list(LogFollower(read_log=yard.read_log, wait=never, job_id=job.id, attempt=2).parts()) == []
