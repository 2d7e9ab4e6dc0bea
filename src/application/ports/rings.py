"""Rings: somebody should look. Nothing depends on one arriving; a sweep finds what a lost ring hid."""

from collections.abc import Callable
from typing import Protocol

from ...domain.jobs.ids import JobId
from ...domain.runners.ids import RunnerId

READY = "ready"
"""Something became claimable."""


def about_job(job_id: JobId) -> str:
    """The job's state changed."""
    return f"job:{job_id}"


def about_log(job_id: JobId) -> str:
    """The job's log grew. Of its own, so that whoever waits for the end is not woken by each piece of output."""
    return f"log:{job_id}"


def about_runner(runner_id: RunnerId) -> str:
    """A job on this runner should be signalled."""
    return f"runner:{runner_id}"


class Rings(Protocol):
    """Carries rings between whoever changes something and whoever waits for it."""

    def ring(self, topics: set[str]) -> None:
        """Ring, after the commit. Never fails and never waits."""

    def listen(self, topic: str, heard: Callable[[], None]) -> Callable[[], None]:
        """Call `heard` at each ring, from any thread, quickly; the answer stops it."""
