"""Hear an agent: the heartbeat of a machine that comes and waits for work."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ...domain.accounts.ids import TokenId
from ...domain.runners.agent import Room
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import PassRefused
from ...domain.runners.runner import DRIVER_LEASE, Runner
from ..ports.passes import HearingWork
from ..ports.work import Begin

_SURELY_SECONDS: Final = 0.1
_GONE: Final = "this token is not known here any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class HearAgentCommand:
    """The runner, the pass it came with, the epoch of its session, and what it says is free on its machine."""

    runner_id: RunnerId
    pass_id: TokenId
    epoch: int
    room: Room | None = None


@dataclass(frozen=True, slots=True)
class AgentHeard:
    """The runner with its lease renewed, and how many more attempts it may be given: none while it takes nothing, and
    while it is closed, which ends by itself after so many seconds, if that is known.
    """

    runner: Runner
    free: int
    opens_in: float | None = None

    def within(self, seconds: float) -> float:
        """How long it is let wait if it wants to wait so long: then it is asked again what is free."""
        return seconds if self.opens_in is None else min(seconds, self.opens_in + _SURELY_SECONDS)


class HearAgent:
    """Looks at its pass, keeps its lease and counts its slots at one moment. Late is accepted as long as nobody took
    over. Whoever let the agent in by what he remembers of its pass is told here whether that is so still.
    """

    def __init__(self, begin: Begin[HearingWork], lease: timedelta = DRIVER_LEASE) -> None:
        self._begin = begin
        self._lease = lease

    def execute(self, command: HearAgentCommand) -> AgentHeard:
        """The runner as it is now; `PassRefused` if the pass opens nothing any more, or `DriverLost`."""
        with self._begin() as work:
            now, found = work.now(), _locked(work, command.runner_id)
            shown = work.passes.get(command.pass_id)
            if shown is None or not shown.good(now):
                raise shown.refusal(now) if shown else PassRefused(_GONE)
            heard = found.heard_from(command.epoch, now=now, ttl=found.driver_lease(self._lease))
            runner = heard.with_room(command.room, now=now)
            work.runners.save(runner)
            busy = work.reading.count_live_on(runner.id)
            work.commit()
        if runner.takes_work(now):
            return AgentHeard(runner, 0 if runner.refuses else max(0, runner.slots - busy))
        pause = runner.availability.until if runner.availability.state is AvailabilityState.PAUSED else None
        return AgentHeard(runner, 0, None if pause is None else (pause - now).total_seconds())


def _locked(work: HearingWork, runner_id: RunnerId) -> Runner:
    """The runner; one that was removed took its passes along."""
    try:
        return work.runners.lock(runner_id)
    except RunnerNotFound:
        raise PassRefused(_GONE) from None
