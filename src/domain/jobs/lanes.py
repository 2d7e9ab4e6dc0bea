"""Lanes: jobs of one owner of one project, in one queue, that ask for the same places wait in one line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final

from ..accounts.projects import DEFAULT_PROJECT, within
from ..errors import FieldProblem
from ..labels import label_problems, text_problems
from ..runners.runner import Runner

NOBODY: Final = "admin"
"""Who owns what nobody put a name to."""

_KEY_LETTERS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a job may run: on the runner of this name, and on those that have all these labels, set or found."""

    runner: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def allows(self, runner: Runner) -> bool:
        """Whether the job may run there."""
        if self.runner is not None and self.runner != runner.name:
            return False
        has = runner.found_labels if self.labels else {}
        return all(has.get(name) == value for name, value in self.labels.items())


ANYWHERE: Final = Placement()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What a claim walks: whose jobs, in which queue, for which places."""

    owner: str
    queue: str
    placement: Placement = ANYWHERE
    project: str = DEFAULT_PROJECT

    @property
    def key(self) -> str:
        """Its name in the store: the same for the same lane, and for no other."""
        wanted = self.placement
        return _key(within(self.project, self.owner), self.queue, wanted.runner, tuple(sorted(wanted.labels.items())))

    def fits(self, runner: Runner) -> bool:
        """Whether its jobs may run there."""
        takes = runner.takes_from(self.queue) and runner.takes_for(self.project, self.owner)
        return takes and self.placement.allows(runner)


@lru_cache(4096)
def _key(*parts: object) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()[:_KEY_LETTERS]


def placement_problems(placement: Placement) -> Iterator[FieldProblem]:
    """What is wrong with it."""
    if placement.runner is not None:
        yield from text_problems("/placement/runner", placement.runner, most=200)
    yield from label_problems(placement.labels, at="/placement/labels")


def hopeless(lane: Lane, runners: Iterable[Runner]) -> str | None:
    """Why none of these runners could ever take a job of this lane, or None: one could, and no other is looked at.

    The one that the jobs name, if they do and it is there, comes first: behind it none is looked at for itself.
    """
    somebody = False
    for runner in runners:
        if lane.fits(runner):
            return None
        somebody = somebody or runner.takes_for(lane.project, lane.owner)
        if somebody and lane.placement.runner is not None:
            break
    wanted = [f"{name}={value}" for name, value in sorted(lane.placement.labels.items())]
    asked = [f"takes from queue {lane.queue!r}"]
    if lane.placement.runner is not None:
        asked.insert(0, f"is called {lane.placement.runner!r}")
    if not somebody:
        asked.append(f"takes jobs of {lane.owner!r} in project {lane.project!r}")
    if wanted:
        asked.append(f"has the labels {', '.join(wanted)}")
    return f"no runner known now {' and '.join(asked)}; the job waits until there is one"
