"""What agents are served with: use cases that are told which runner speaks, by its own token."""

from dataclasses import dataclass

from ...application.jobs.execute_jobs import Bookkeeping
from ...application.ports.calling import UseCase
from ...application.runners.adopt_runner import Adopted, AdoptRunnerCommand
from ...application.runners.authenticate_agent import AuthenticateAgentCommand, RunnerActor
from ...application.runners.exchange_pass import Exchanged, ExchangePassCommand
from ...application.runners.release_driver import ReleaseDriverCommand
from ...application.runners.renew_driver import RenewDriverCommand
from ...domain.runners.runner import Runner
from .waiting_room import WaitingRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedAgent:
    """Ready-made use cases. They are not guarded by accounts: nobody but a runner ever gets them."""

    authenticate: UseCase[AuthenticateAgentCommand, RunnerActor]
    exchange: UseCase[ExchangePassCommand, Exchanged]
    adopt: UseCase[AdoptRunnerCommand, Adopted]
    renew: UseCase[RenewDriverCommand, Runner]
    release: UseCase[ReleaseDriverCommand, None]
    bookkeeping: Bookkeeping
    room: WaitingRoom
