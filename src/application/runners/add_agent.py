"""Add an agent: a machine that will come and fetch its work becomes a runner, as soon as it registers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.accounts.tokens import TokenText
from ...domain.runners.agent import AgentSide
from ...domain.runners.passes import JOIN_LIFE
from ...domain.runners.runner import Runner, RunnerKind
from ...domain.runners.settings import ALL_QUEUES, EVERYBODY, RunnerSettings, check_name
from ..ports.accounts import TokenTexts
from ..ports.passes import PassesWork
from ..ports.system import Identifiers
from ..ports.work import Begin
from .invite_agent import invited
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAgentCommand:
    """What it is called and what it takes; `owners` are those whose jobs it takes. `life` is its first token's."""

    name: str
    slots: int = 1
    queues: tuple[str, ...] = (ALL_QUEUES,)
    labels: Mapping[str, str] = field(default_factory=dict)
    owners: tuple[str, ...] = (EVERYBODY,)
    project: str = DEFAULT_PROJECT
    life: timedelta = JOIN_LIFE


@dataclass(frozen=True, slots=True)
class Invitation:
    """A runner, and the text of a token to register with, which is seen here and never again."""

    runner: RunnerStatus
    text: TokenText
    expires_at: datetime


class AddAgent:
    """Makes the runner known. It is offline until its machine has registered and come."""

    def __init__(self, begin: Begin[PassesWork], identifiers: Identifiers, texts: TokenTexts) -> None:
        self._begin = begin
        self._identifiers = identifiers
        self._texts = texts

    def execute(self, command: AddAgentCommand) -> Invitation:
        """The runner and its registration token; `InvalidRunner`, `RunnerNameTaken` or `ProjectNotFound`."""
        check_name(command.name)
        settings = RunnerSettings(
            slots=command.slots, queues=command.queues, labels=command.labels, owners=command.owners
        )
        with self._begin() as work:
            now = work.now()
            runner = Runner(
                id=self._identifiers.runner_id(),
                name=command.name,
                kind=RunnerKind.AGENT,
                slots=settings.slots,
                queues=settings.queues,
                labels=settings.labels,
                owners=settings.owners,
                project=work.projects.get(command.project).name,
                agent=AgentSide(),
            )
            text, joining = invited(self._texts, runner, life=command.life, now=now)
            work.runners.add(runner)
            work.passes.add(joining)
            work.commit()
        return Invitation(RunnerStatus(runner, 0, now), text, joining.expires_at)
