"""Limits of projects and of the owners in them: how many jobs may wait, run, and come in a minute."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from shlex import quote
from typing import Final, Self

from ..errors import FieldProblem, InvalidFields
from ..labels import text_problems

EACH_OWNER: Final = "*"
"""In place of a name: every owner who has no limits under a name."""

MOST_LIMIT: Final = 1_000_000


class LimitKind(StrEnum):
    """What is limited. The names are public."""

    QUEUED = "queued"
    RUNNING = "running"
    SUBMISSIONS = "submissions_per_minute"


_SAID: Final[Mapping[LimitKind, str]] = {
    LimitKind.QUEUED: "queued jobs",
    LimitKind.RUNNING: "running jobs",
    LimitKind.SUBMISSIONS: "submissions a minute",
}


class InvalidLimits(InvalidFields):
    """Limits that cannot be; `problems` names each one."""

    code = "invalid-limits"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose jobs are counted: all of a project, or those of one owner in it."""

    project: str
    owner: str | None = None

    def __str__(self) -> str:
        whole = f"project {self.project!r}"
        return whole if self.owner is None else f"owner {self.owner!r} in {whole}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that is in force."""

    kind: LimitKind
    scope: Scope
    most: int

    def told(self, used: int) -> str:
        """`limit of running jobs of project 'lab': 5 of 5`."""
        return f"limit of {_SAID[self.kind]} of {self.scope}: {used} of {self.most}"

    @property
    def command(self) -> str:
        """What would raise it, as one types it."""
        owner = "" if self.scope.owner is None else f" --owner {quote(self.scope.owner)}"
        flag = {LimitKind.SUBMISSIONS: "per-minute"}.get(self.kind, self.kind.value)
        return f"runyard project limit {self.scope.project}{owner} --{flag} {self.most + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None leaves a limit to what holds otherwise; 0 is no limit, whatever holds otherwise."""

    queued: int | None = None
    running: int | None = None
    submissions_per_minute: int | None = None

    def of(self, kind: LimitKind) -> int | None:
        """The one of this kind."""
        value: int | None = getattr(self, kind.value)
        return value

    def changed(self, changes: Mapping[LimitKind, int | None]) -> Self:
        """With some of them different."""
        return replace(self, **{kind.value: value for kind, value in changes.items()})

    def problems(self) -> Iterator[FieldProblem]:
        """What is wrong with these values."""
        for kind in LimitKind:
            value = self.of(kind)
            if value is not None and not 0 <= value <= MOST_LIMIT:
                yield FieldProblem(f"/{kind.value}", f"must be from 0, which is no limit, to {MOST_LIMIT}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLimits:
    """What somebody has set for a project (`owner` is None), for each owner in it (`*`), or for one by name.

    It is never removed: that a limit is left to what holds otherwise was said at some time, too.
    """

    project: str
    owner: str | None = None
    limits: Limits = Limits()
    changed_at: datetime

    def __post_init__(self) -> None:
        problems = list(self.limits.problems())
        if self.owner is not None:
            problems += text_problems("/owner", self.owner, most=100)
            if not self.owner.strip():
                problems.append(FieldProblem("/owner", "is empty"))
        if problems:
            raise InvalidLimits(problems)

    def changed(self, changes: Mapping[LimitKind, int | None], *, now: datetime) -> Self:
        """With some of them different from now on."""
        return replace(self, limits=self.limits.changed(changes), changed_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualLimits:
    """What holds in all projects where nobody has set anything else: for each, and for each owner in it."""

    project: Limits = Limits()
    owner: Limits = Limits()


NO_LIMITS: Final = UsualLimits()


@dataclass(frozen=True, slots=True)
class LimitsInForce:
    """What was set and what is usual, together."""

    known: Mapping[tuple[str, str | None], ProjectLimits] = field(default_factory=dict)
    usual: UsualLimits = NO_LIMITS

    @classmethod
    def of(cls, known: Iterable[ProjectLimits], usual: UsualLimits) -> Self:
        """From all that was set, or as much of it as is asked about."""
        return cls({(each.project, each.owner): each for each in known}, usual)

    def limit(self, kind: LimitKind, scope: Scope) -> int | None:
        """How many there may be at most; None is any number."""
        usual = self.usual.project if scope.owner is None else self.usual.owner
        said = (*(each.limits.of(kind) for each in self.behind(scope)), usual.of(kind))
        return next((limit for limit in said if limit is not None), None) or None

    def behind(self, scope: Scope) -> Iterator[ProjectLimits]:
        """What was set for this scope; what comes first decides, as far as it says anything."""
        names = (None,) if scope.owner is None else (scope.owner, EACH_OWNER)
        return (self.known[scope.project, name] for name in names if (scope.project, name) in self.known)

    def bounds(self, kind: LimitKind, project: str, owner: str) -> tuple[Bound, ...]:
        """The limits of this kind that a job of this owner in this project is held to."""
        scopes = (Scope(project), Scope(project, owner))
        limits = ((scope, self.limit(kind, scope)) for scope in scopes)
        return tuple(Bound(kind, scope, most) for scope, most in limits if most is not None)

    def has_any(self, kind: LimitKind) -> bool:
        """Whether there is a limit of this kind anywhere."""
        said = (self.usual.project, self.usual.owner, *(each.limits for each in self.known.values()))
        return any(limits.of(kind) for limits in said)
