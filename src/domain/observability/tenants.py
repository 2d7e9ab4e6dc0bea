"""What must hold of projects and their owners: limits are kept, and nothing of one belongs to another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..limits.limits import Bound, LimitKind, LimitsInForce, Scope
from .invariants import Hit

KEPT_TO_LIMITS: Final = ("I11", "No more jobs wait or run than the limits allowed that were in force when they came")
"""Judged of limits that were set; of usual ones nobody knows since when they hold."""
APART: Final = ("I12", "Nothing of a project belongs to another one, or to none")

_MARGIN: Final = timedelta(minutes=1)
"""So long a transaction may have been under way that began before a limit was set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many jobs of an owner in a project run, and how many wait for their first try.

    `claimed_at` is when the last of those that run was claimed, `created_at` when the last of those that wait came.
    """

    project: str
    owner: str
    running: int = 0
    claimed_at: datetime | None = None
    waiting: int = 0
    created_at: datetime | None = None


def over_limits(in_force: LimitsInForce, standings: Iterable[Standing]) -> Iterator[Hit]:
    """Each limit that was not kept to. What was there before a limit was lowered breaks nothing."""
    for scope, standing in _by_scope(standings).items():
        since = max((each.changed_at for each in in_force.behind(scope)), default=None)
        counted = {
            LimitKind.RUNNING: (standing.running, standing.claimed_at),
            LimitKind.QUEUED: (standing.waiting, standing.created_at),
        }
        for kind, (used, last) in counted.items():
            most = in_force.limit(kind, scope)
            if most and since and last and used > most and last > since + _MARGIN:
                yield Hit(
                    invariant=KEPT_TO_LIMITS[0],
                    told=Bound(kind, scope, most).told(used),
                    rows=(
                        f"limits of {scope} set at {since.isoformat()}; the last of these jobs at {last.isoformat()}",
                    ),
                )


def _by_scope(standings: Iterable[Standing]) -> dict[Scope, Standing]:
    found: dict[Scope, Standing] = {}
    whole = defaultdict[str, list[Standing]](list)
    for each in standings:
        found[Scope(each.project, each.owner)] = each
        whole[each.project].append(each)
    for project, parts in whole.items():
        found[Scope(project)] = Standing(
            project=project,
            owner="",
            running=sum(each.running for each in parts),
            claimed_at=max((each.claimed_at for each in parts if each.claimed_at), default=None),
            waiting=sum(each.waiting for each in parts),
            created_at=max((each.created_at for each in parts if each.created_at), default=None),
        )
    return found
