"""Invite an agent: a new token to register with, for a runner that is known."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...domain.accounts.tokens import TokenText
from ...domain.errors import FieldProblem
from ...domain.runners.errors import InvalidRunner
from ...domain.runners.passes import JOIN_LIFE, PassKind, RunnerPass
from ...domain.runners.runner import Runner
from ..ports.accounts import TokenTexts
from ..ports.passes import PassesWork
from ..ports.work import Begin
from .changing import found


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAgentCommand:
    """The runner, by id or name, and how long the token shall be good."""

    runner: str
    life: timedelta = JOIN_LIFE


@dataclass(frozen=True, slots=True)
class Invited:
    """The text of the token, which is seen here and never again."""

    runner: Runner
    text: TokenText
    expires_at: datetime


class InviteAgent:
    """Tokens to register with that were made before are void. A machine that is registered stays so until another
    registers in its place.
    """

    def __init__(self, begin: Begin[PassesWork], texts: TokenTexts) -> None:
        self._begin = begin
        self._texts = texts

    def execute(self, command: InviteAgentCommand) -> Invited:
        """The token, `RunnerNotFound`, or `InvalidRunner` if it is of another kind."""
        with self._begin() as work:
            runner, now = an_agent(found(work.runners, command.runner)), work.now()
            for each in work.passes.of(runner.id):
                if each.kind is PassKind.JOIN and each.good(now):
                    work.passes.save(each.revoked(now=now))
            text, joining = invited(self._texts, runner, life=command.life, now=now)
            work.passes.add(joining)
            work.commit()
        return Invited(runner, text, joining.expires_at)


def invited(texts: TokenTexts, runner: Runner, *, life: timedelta, now: datetime) -> tuple[TokenText, RunnerPass]:
    """A token to register with, and what is kept of it."""
    text = replace(texts.made(), prefix=PassKind.JOIN.prefix)
    return text, RunnerPass.to_join(text, runner.id, now=now, life=life)


def an_agent(runner: Runner) -> Runner:
    """The runner itself, or `InvalidRunner`: no machine registers as one of another kind."""
    if runner.agent is None:
        raise InvalidRunner([FieldProblem("", f"{runner.name!r} is of kind {runner.kind}; only agents have tokens")])
    return runner
