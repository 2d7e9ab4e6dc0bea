"""A submission: what shall run, and the key under which repeating it makes no second job."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ..accounts.projects import DEFAULT_PROJECT, within
from ..errors import FieldProblem
from .errors import InvalidJob
from .spec import JobSpec

KEY_LIFETIME: Final = timedelta(hours=24)
"""So long a repeated submission is recognised."""

_KEY: Final = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True)
class SubmissionKey:
    """The name a consumer gave to one submission; `fingerprint` tells what was submitted under it.

    Each `project` has keys of its own.
    """

    text: str
    fingerprint: str
    project: str = DEFAULT_PROJECT

    def __post_init__(self) -> None:
        if not fits_key(self.text):
            raise InvalidJob([FieldProblem("/idempotency_key", "must be 1 to 255 visible ASCII characters")])

    @property
    def name(self) -> str:
        """What it is called where those of all projects are."""
        return within(self.project, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A job to create; one without a key is a new one each time."""

    spec: JobSpec
    key: SubmissionKey | None = None

    @property
    def own_key(self) -> SubmissionKey | None:
        """The key, as one of the job's project."""
        return self.key and replace(self.key, project=self.spec.project)


def fits_key(text: str) -> bool:
    """Whether this can be the text of a key."""
    return _KEY.fullmatch(text) is not None
