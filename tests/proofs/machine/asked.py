"""What is asked for: as the model knows it, as a spec, and by chance."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from runyard.adapters.memory.clock import ManualClock
from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.lanes import Lane, Placement
from runyard.domain.jobs.limits import Backoff, OnLost, RetryPolicy
from runyard.domain.jobs.spec import JobSpec
from tests.builders import a_spec

START = ManualClock().now()
BACKOFF = Backoff(initial=2.0, factor=2.0, jitter=0.0)

PROJECTS = ("default", "lab")
OWNERS = ("ann", "bob")
QUEUES = ("default", "night")
RUNNERS = ("here", "there")
KEYS = ("k", "l")
DISK = "disk"


@dataclass(frozen=True)
class Key:
    """What the model knows of a concurrency key that a job names."""

    name: str
    limit: int
    conflict: str
    most_waiting: int


@dataclass(frozen=True)
class Asked:
    """What the model knows of a spec. `wait` counts from its making, `not_before` is a moment."""

    wait: float = 0.0
    not_before: float | None = None
    queue_timeout: float | None = None
    total_timeout: float | None = None
    tries: int = 1
    once: bool = False
    priority: int = 0
    project: str = PROJECTS[0]
    owner: str = OWNERS[0]
    queue: str = QUEUES[0]
    runner: str | None = None
    disk: str | None = None
    key: Key | None = None

    @property
    def lane(self) -> str:
        """The name of its lane, which says nothing but that it is the same for the same lane."""
        return _lane(self.project, self.owner, self.queue, self.runner, self.disk)

    @property
    def line(self) -> tuple[str, str] | None:
        """The key, as one of its project."""
        return (self.project, self.key.name) if self.key else None


def spec_of(asked: Asked) -> JobSpec:
    """The same for the houses."""
    values: dict[str, Any] = {}
    if asked.not_before is not None:
        values["not_before"] = START + timedelta(seconds=asked.not_before)
    if asked.key is not None:
        key = asked.key
        values["concurrency"] = Concurrency(
            key=key.name, limit=key.limit, on_conflict=OnConflict(key.conflict), max_waiting=key.most_waiting
        )
    return a_spec(
        queue_timeout=asked.queue_timeout,
        total_timeout=asked.total_timeout,
        retry=RetryPolicy(max_attempts=asked.tries, backoff=BACKOFF),
        on_lost=OnLost.FAIL if asked.once else OnLost.RETRY,
        priority=asked.priority,
        project=asked.project,
        owner=asked.owner,
        queue=asked.queue,
        placement=_placement(asked.runner, asked.disk),
        **values,
    )


def _placement(runner: str | None, disk: str | None) -> Placement:
    return Placement(runner=runner, labels={DISK: disk} if disk else {})


@lru_cache
def _lane(project: str, owner: str, queue: str, runner: str | None, disk: str | None) -> str:
    return Lane(project=project, owner=owner, queue=queue, placement=_placement(runner, disk)).key


_KEYED = st.builds(
    Key,
    name=st.sampled_from([KEYS[0], *KEYS]),
    limit=st.sampled_from([1, 1, 2, 3]),
    conflict=st.sampled_from(["queue", "queue", "reject", "replace_running"]),
    most_waiting=st.sampled_from([9, 9, 1]),
)

ASKED = st.builds(
    Asked,
    wait=st.sampled_from([0.0, 0.0, 0.0, 5.0]),
    queue_timeout=st.sampled_from([None, None, 8.25]),
    total_timeout=st.sampled_from([None, None, 30.25]),
    tries=st.integers(1, 3),
    once=st.booleans(),
    priority=st.integers(-1, 1),
    project=st.sampled_from([PROJECTS[0], PROJECTS[0], *PROJECTS]),
    owner=st.sampled_from(OWNERS),
    queue=st.sampled_from([QUEUES[0], *QUEUES]),
    runner=st.sampled_from([None, None, None, None, RUNNERS[1]]),
    disk=st.sampled_from([None, None, None, None, "fast"]),
    key=st.one_of(st.none(), _KEYED),
)
