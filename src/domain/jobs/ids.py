"""Identities of jobs and attempts."""

from dataclasses import dataclass
from typing import NewType

JobId = NewType("JobId", str)
"""A UUID in its canonical lower-case form."""


@dataclass(frozen=True, slots=True, order=True)
class AttemptRef:
    """One try of a job: the job and the number of the try, from 1."""

    job_id: JobId
    number: int

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"
