"""Who is told when something waits: of all who wait for work, as many as there is work for."""

from collections.abc import Iterable, Mapping

from ..runners.ids import RunnerId
from ..runners.runner import Runner
from .lanes import Lane


def matched(crowds: Iterable[tuple[Lane, int]], waiting: Mapping[RunnerId, tuple[Runner, int]]) -> dict[RunnerId, Lane]:
    """Who shall come for which lane: those who waited longest first, each with so many free slots."""
    told: dict[RunnerId, Lane] = {}
    for lane, jobs in crowds:
        left = jobs
        for runner_id, (runner, free) in waiting.items():
            if left <= 0:
                break
            if runner_id not in told and free > 0 and lane.fits(runner):
                told[runner_id] = lane
                left -= free
    return told
