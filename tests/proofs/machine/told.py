"""Whether a store holds what the model holds."""

from typing import Any

from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.observability.book import JobBook
from tests.proofs.invariants import Seen

from .asked import START
from .books import Books
from .entry import Entry

EXPLAINED = {"pending", "succeeded", "failed", "cancelled"}
"""States whose reason is part of what is promised."""


def agrees(held: Seen, books: Books) -> None:
    """Fails with the first difference."""
    assert set(held.books) == set(books.jobs), "other jobs than the model's"
    for job_id, entry in books.jobs.items():
        book = held.books[JobId(job_id)]
        found, wanted = _found(book), _wanted(entry, books)
        assert found == wanted, f"{job_id} is {found}, in the model {wanted}"
        for number in found["attempts"]:
            log = held.logs[AttemptRef(JobId(job_id), number)]
            assert log == entry.logs.get(number, b""), f"the log of {job_id}/{number} is {log!r}"


def _found(book: JobBook) -> dict[str, Any]:
    job = book.job
    return {
        "state": job.state.value,
        "reason": job.reason if job.state.value in EXPLAINED else None,
        "number": job.attempt.number if job.attempt else 0,
        "fence": job.fence,
        "failures": job.failures,
        "crashes": job.crashes,
        "cancelling": job.cancel_requested,
        "eligible": (job.eligible_at - START).total_seconds(),
        "seat": job.seat,
        "seats": book.limit,
        "runner": job.attempt.runner_id if job.attempt else "",
        "attempts": [attempt.number for attempt in book.attempts],
    }


def _wanted(entry: Entry, books: Books) -> dict[str, Any]:
    return {
        "state": entry.state,
        "reason": entry.reason if entry.state in EXPLAINED else None,
        "number": entry.number,
        "fence": entry.fence,
        "failures": entry.failures,
        "crashes": entry.crashes,
        "cancelling": entry.cancelling,
        "eligible": entry.eligible,
        "seat": entry.seat,
        "seats": books.seats.limits.get(entry.asked.line) if entry.asked.line else None,
        "runner": books.places[entry.runner].id if entry.runner else "",
        "attempts": list(range(1, entry.number + 1)),
    }
