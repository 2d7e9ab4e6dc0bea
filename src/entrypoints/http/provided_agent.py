"""What agents are served with: use cases that are told which runner speaks, by its own token."""

from dataclasses import dataclass, field
from typing import Final

from ...application.jobs.claiming import Claiming
from ...application.jobs.execute_jobs import Bookkeeping
from ...application.ports.calling import UseCase
from ...application.runners.adopt_runner import Adopted, AdoptRunnerCommand
from ...application.runners.authenticate_agent import AuthenticateAgentCommand, RunnerActor
from ...application.runners.exchange_pass import Exchanged, ExchangePassCommand
from ...application.runners.hear_agent import AgentHeard, HearAgentCommand
from ...application.runners.release_driver import ReleaseDriverCommand
from ...domain.runners.ids import RunnerId
from .waiting_room import WaitingRoom

_MOST: Final = 10_000


class Memories:
    """What each runner's claims remember, so that owners take turns there. To lose it costs nobody a job."""

    def __init__(self) -> None:
        self._kept: dict[RunnerId, Claiming] = {}

    def of(self, runner_id: RunnerId) -> Claiming:
        """The memory of this runner's claims."""
        if len(self._kept) >= _MOST and runner_id not in self._kept:
            self._kept.clear()
        return self._kept.setdefault(runner_id, Claiming())


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedAgent:
    """Ready-made use cases. They are not guarded by accounts: nobody but a runner ever gets them."""

    authenticate: UseCase[AuthenticateAgentCommand, RunnerActor]
    register: UseCase[ExchangePassCommand, Exchanged]
    rotate: UseCase[ExchangePassCommand, Exchanged]
    adopt: UseCase[AdoptRunnerCommand, Adopted]
    hear: UseCase[HearAgentCommand, AgentHeard]
    release: UseCase[ReleaseDriverCommand, None]
    bookkeeping: Bookkeeping
    room: WaitingRoom
    memories: Memories = field(default_factory=Memories)
