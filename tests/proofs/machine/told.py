"""Whether a store holds what the model holds."""

from typing import Any

from runyard.adapters.memory.clock import ManualClock
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from tests.proofs.invariants import Seen

from .books import Books, Entry

START = ManualClock().now()


def agrees(held: Seen, books: Books) -> None:
    """Fails with the first difference."""
    assert set(held.jobs) == set(books.jobs), "other jobs than the model's"
    for job_id, entry in books.jobs.items():
        found, wanted = _found(held.jobs[JobId(job_id)]), _wanted(entry)
        assert found == wanted, f"{job_id} is {found}, in the model {wanted}"
        numbers = {ref.number for ref in held.attempts if ref.job_id == job_id}
        assert numbers == set(range(1, entry.number + 1)), f"{job_id} has attempts {numbers}"
        for number in numbers:
            log = held.logs[AttemptRef(JobId(job_id), number)]
            assert log == entry.logs.get(number, b""), f"the log of {job_id}/{number} is {log!r}"


def _found(job: Job) -> dict[str, Any]:
    return {
        "state": job.state.value,
        "number": job.attempt.number if job.attempt else 0,
        "fence": job.fence,
        "failures": job.failures,
        "crashes": job.crashes,
        "cancelling": job.cancel_requested,
        "eligible": (job.eligible_at - START).total_seconds(),
    }


def _wanted(entry: Entry) -> dict[str, Any]:
    return {
        "state": entry.state,
        "number": entry.number,
        "fence": entry.fence,
        "failures": entry.failures,
        "crashes": entry.crashes,
        "cancelling": entry.cancelling,
        "eligible": entry.eligible,
    }
