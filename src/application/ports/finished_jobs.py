"""Finished jobs, to be removed for good."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.states import JobState


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """The log of an attempt, and how many bytes of it are stored."""

    ref: AttemptRef
    stored: int


class FinishedJobs(Protocol):
    """What has ended and is not wanted for ever. Unfinished jobs are never touched, whatever is asked."""

    def ended_before(self, moments: Mapping[JobState, datetime], limit: int) -> list[JobId]:
        """Up to `limit` jobs of each of these states that ended before its moment, locked; others' are left out."""

    def surplus(self, keep: int, limit: int) -> list[JobId]:
        """Up to `limit` jobs beyond the `keep` that finished last, the longest finished first; locked likewise."""

    def outputs(self, ids: Collection[JobId] | None, limit: int) -> list[StoredOutput]:
        """Up to `limit` logs of these jobs, or of the longest finished ones that have any; their jobs are locked."""

    def cut(self, ref: AttemptRef, chunks: int) -> int:
        """Remove up to so many chunks from the end of a log, and say so in its attempt; how many were removed."""

    def remove(self, ids: Collection[JobId]) -> None:
        """Remove these jobs with their attempts. Their logs must be gone."""
