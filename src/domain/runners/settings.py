"""What people decide about a runner: checked when it is made, edited as a whole."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..accounts.projects import PROJECT_NAME
from ..errors import FieldProblem
from ..labels import label_problems, text_problems
from .errors import InvalidRunner

MAX_SLOTS: Final = 10_000
ALL_QUEUES: Final = "*"
EVERYBODY: Final = "*"
RUNNER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_QUEUE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}|\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSettings:
    """`slots` attempts run at once; `queues` are those it takes from, `("*",)` being all. Else `InvalidRunner`.

    Beside its own project those it is `shared_with` may use it, and there whoever is one of its `owners`; `*` is all.
    """

    slots: int
    queues: tuple[str, ...] = (ALL_QUEUES,)
    labels: Mapping[str, str] = field(default_factory=dict)
    shared_with: tuple[str, ...] = ()
    owners: tuple[str, ...] = (EVERYBODY,)

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise InvalidRunner(problems)


def _problems(settings: RunnerSettings) -> Iterator[FieldProblem]:
    if not 0 <= settings.slots <= MAX_SLOTS:
        yield FieldProblem("/slots", f"must be from 0 to {MAX_SLOTS}")
    if not 1 <= len(settings.queues) <= 64:
        yield FieldProblem("/queues", "must be 1 to 64 queues; `*` stands for all")
    for place, queue in enumerate(settings.queues):
        if not _QUEUE.fullmatch(queue):
            yield FieldProblem(f"/queues/{place}", "must be `*`, or 1 to 63 letters, digits, '.', '_' or '-'")
    yield from label_problems(settings.labels)
    yield from _sharing_problems(settings)


def _sharing_problems(settings: RunnerSettings) -> Iterator[FieldProblem]:
    if len(settings.shared_with) > 256:
        yield FieldProblem("/shared_with", "at most 256 projects; `*` stands for all")
    for place, project in enumerate(settings.shared_with):
        if project != EVERYBODY and not PROJECT_NAME.fullmatch(project):
            yield FieldProblem(f"/shared_with/{place}", "must be `*`, or the name of a project")
    if not 1 <= len(settings.owners) <= 256:
        yield FieldProblem("/owners", "must be 1 to 256 owners of jobs; `*` stands for all")
    for place, owner in enumerate(settings.owners):
        yield from text_problems(f"/owners/{place}", owner, most=100)


def check_name(name: str) -> None:
    """`InvalidRunner` unless a runner may be called so."""
    if not RUNNER_NAME.fullmatch(name):
        advice = "must be 1 to 63 letters, digits, '.', '_' or '-', a letter or digit first"
        raise InvalidRunner([FieldProblem("/name", advice)])
