"""Exchange a pass: a machine registers, or gets the successor of its token."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ...domain.accounts.ids import TokenId
from ...domain.accounts.tokens import TokenText
from ...domain.runners.agent import MachineFacts
from ...domain.runners.errors import Shown
from ...domain.runners.passes import KNOWN_FOR, PassKind, PassRefused, RunnerPass
from ...domain.runners.runner import Runner
from ..ports.accounts import TokenTexts
from ..ports.passes import PassesWork
from ..ports.work import Begin
from .authenticate_agent import RunnerActor

_GONE: Final = Shown(why="unknown_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePassCommand:
    """By whom, by which pass, and what the machine is."""

    by: RunnerActor
    facts: MachineFacts | None = None

    @property
    def pass_id(self) -> TokenId:
        """What was presented."""
        return self.by.pass_id

    @property
    def address(self) -> str | None:
        """Where from."""
        return self.by.address


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The runner, and the text of its next token, which is seen here and never again."""

    runner: Runner
    text: TokenText
    expires_at: datetime


class ExchangePass:
    """The old pass stays good until the new one is used; of two new ones that nobody used the older is void."""

    def __init__(self, begin: Begin[PassesWork], texts: TokenTexts) -> None:
        self._begin = begin
        self._texts = texts

    def execute(self, command: ExchangePassCommand) -> Exchanged:
        """The successor, or `PassRefused` for a pass that is over or whose successor is used."""
        with self._begin() as work:
            runner = work.runners.lock(command.by.runner_id)
            now, old = work.now(), work.passes.get(command.pass_id)
            if old is None or not old.good(now) or old.over_at is not None:
                raise old.refusal(now) if old else PassRefused("this token is not known here", _GONE)
            self._void_unused(work, old, now)
            text = replace(self._texts.made(), prefix=PassKind.RUNNER.prefix)
            successor = old.successor(text, now=now)
            work.passes.add(successor)
            work.passes.save(old.used(now=now).exchanged(successor.id))
            work.passes.forget(runner.id, now - KNOWN_FOR)
            if runner.agent is not None:
                joins, agent = old.kind is PassKind.JOIN, runner.agent
                agent = agent.registered(command.facts, now=now) if joins else agent.exchanged(now=now)
                runner = replace(runner, agent=agent)
                work.runners.save(runner)
            work.commit()
        return Exchanged(runner, text, successor.expires_at)

    @staticmethod
    def _void_unused(work: PassesWork, old: RunnerPass, now: datetime) -> None:
        lost = work.passes.get(old.replaced_by) if old.replaced_by else None
        if lost is not None:
            work.passes.save(lost.revoked(now=now))
