"""A submission: what shall run, and the key under which repeating it makes no second job."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Self

from ..accounts.projects import DEFAULT_PROJECT, apart, within
from ..errors import FieldProblem
from .errors import InvalidJob
from .ids import JobId
from .spec import JobSpec

KEY_LIFETIME: Final = timedelta(hours=24)
"""So long a repeated submission is recognised."""

_KEY: Final = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True)
class SubmissionKey:
    """The name a consumer gave to one submission; `fingerprint` tells what was submitted under it.

    Each `project` has keys of its own, and so has each `parent`, a job whose processes submit: they may see nothing of
    what others of the project submit, so the key of somebody else must not lead them to it.
    """

    text: str
    fingerprint: str
    project: str = DEFAULT_PROJECT
    parent: JobId | None = None

    def __post_init__(self) -> None:
        if not fits_key(self.text):
            raise InvalidJob([FieldProblem("/idempotency_key", "must be 1 to 255 visible ASCII characters")])

    @property
    def name(self) -> str:
        """What it is called where those of all projects are. No text of a key has a space in it."""
        return within(self.project, self.text if self.parent is None else f"{self.parent} {self.text}")

    @classmethod
    def called(cls, name: str, fingerprint: str) -> Self:
        """The key of this name."""
        project, own = apart(name)
        parent, _, text = own.rpartition(" ")
        return cls(text, fingerprint, project, JobId(parent) if parent else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A job to create; one without a key is a new one each time."""

    spec: JobSpec
    key: SubmissionKey | None = None

    @property
    def own_key(self) -> SubmissionKey | None:
        """The key, as one of the job's project and parent."""
        return self.key and replace(self.key, project=self.spec.project, parent=self.spec.parent)


def fits_key(text: str) -> bool:
    """Whether this can be the text of a key."""
    return _KEY.fullmatch(text) is not None
