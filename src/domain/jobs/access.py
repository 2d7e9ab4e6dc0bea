"""What a job may do here itself: the token that each of its attempts gets, and what that is good for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hmac import compare_digest
from typing import Final

from ..accounts.ids import TokenId
from ..accounts.permissions import Permission
from ..accounts.tokens import TokenText
from ..errors import FieldProblem
from .ids import AttemptRef

ATTEMPT_PREFIX: Final = "rya"
TOKEN_VARIABLE: Final = "RUNYARD_TOKEN"  # noqa: S105 - the variable's name
URL_VARIABLE: Final = "RUNYARD_URL"
PROJECT_VARIABLE: Final = "RUNYARD_PROJECT"


class JobAccess(StrEnum):
    """What the processes of a job may do here: nothing; look at their own job; or submit others as well."""

    NONE = "none"
    OWN = "own"
    SUBMIT = "submit"


SCOPES: Final[Mapping[JobAccess, frozenset[Permission]]] = {
    JobAccess.NONE: frozenset(),
    JobAccess.OWN: frozenset({Permission.SEE}),
    JobAccess.SUBMIT: frozenset({Permission.SEE, Permission.SUBMIT, Permission.STEER_OWN}),
}
"""The permissions, of which only those count that the owner of the job has at that moment."""


@dataclass(frozen=True, slots=True)
class AttemptToken:
    """The right to speak for one attempt while it lives. Kept is the hash of its secret."""

    id: TokenId
    ref: AttemptRef
    hash: str = field(repr=False)

    def opened_by(self, presented: TokenText) -> bool:
        """Whether this is its secret; comparing takes the same time whatever is presented."""
        return compare_digest(self.hash, presented.hash)


def access_problems(access: JobAccess, env: Mapping[str, str]) -> Iterator[FieldProblem]:
    """What is wrong with asking for this beside these variables."""
    if access is not JobAccess.NONE and TOKEN_VARIABLE in env:
        advice = "is what a job with access is given; leave it out, or ask for no access"
        yield FieldProblem(f"/env/{TOKEN_VARIABLE}", advice)
