"""A store with something of each kind in it, to be spoilt and judged."""

from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.concurrency import KEY_BUSY, Concurrency
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from runyard.domain.jobs.states import JobState

from ..builders import BOOT, NOON, a_new_job, a_runner, a_spec, an_attempt
from .stores import Store, store_all

DONE = Outcome(ending=Ending.EXIT, exit_code=0, tree_empty=True, log_size=0)


def everything(store: Store) -> None:
    """A queued job, a claimed one with output, one that succeeded; of a key one with its seat and one in line."""
    runner = a_runner()
    live = an_attempt(runner_id=runner.id, armed_at=NOON, boot_id=BOOT)
    over = an_attempt(runner_id=runner.id, armed_at=NOON, boot_id=BOOT, outcome=DONE)
    of_key = a_spec(concurrency=Concurrency(key="k"))
    claimed = a_new_job(state=JobState.CLAIMED, attempt=live)
    with store.begin() as work:
        work.runners.add(runner)
        work.seats.lock({"k": 1})
        work.commit()
    store_all(
        store,
        [
            a_new_job(),
            claimed,
            a_new_job(state=JobState.SUCCEEDED, attempt=over, fence=1),
            a_new_job(of_key, state=JobState.QUEUED, seat=0, reason=None),
            a_new_job(of_key, state=JobState.PENDING, reason=KEY_BUSY),
        ],
    )
    with store.begin() as work:
        work.logs.append([LogChunk(claimed.job.ref, 0, (LogRecord(Stream.STDOUT, NOON, b"output"),))])
        work.commit()
