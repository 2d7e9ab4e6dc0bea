"""Authenticate an agent: which runner's pass this is. A runner is an actor of its own, and nobody's login."""

from dataclasses import dataclass, field
from datetime import datetime

from ...domain.accounts.ids import TokenId
from ...domain.accounts.tokens import TokenText, compared_with_nobody, parsed
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import PassKind, PassRefused, RunnerPass
from ..ports.passes import PassesReading, PassesWork
from ..ports.work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateAgentCommand:
    """What was presented, and what it must be for."""

    presented: str = field(repr=False)
    kind: PassKind = PassKind.RUNNER


@dataclass(frozen=True, slots=True)
class RunnerActor:
    """A runner that speaks for itself: of its own attempts, and of nothing else. `pass_id` is what it showed."""

    runner_id: RunnerId
    pass_id: TokenId


class AuthenticateAgent:
    """The first use of a pass ends its predecessor; one that is over though it was exchanged raises an alarm."""

    def __init__(self, read: Begin[PassesReading], begin: Begin[PassesWork]) -> None:
        self._read = read
        self._begin = begin

    def execute(self, command: AuthenticateAgentCommand) -> RunnerActor:
        """Which runner it is, or `PassRefused`, saying what to do."""
        text = parsed(command.presented, command.kind.prefix)
        if text is None:
            raise PassRefused(_wrong(command))
        with self._read() as reading:
            now, found = reading.now(), _known(reading, text)
        if found is None:
            raise PassRefused("this token is not known here; is this the right server?")
        if not found.good(now):
            if found.copied(now):
                self._alarm(found, now)
            raise found.refusal(now)
        if found.used_at is None and found.kind is PassKind.RUNNER:
            self._first_use(found.id)
        return RunnerActor(found.runner_id, found.id)

    def _first_use(self, pass_id: TokenId) -> None:
        """In the store before anything is done with it: from here on its predecessor is over."""
        with self._begin() as work:
            now, current = work.now(), work.passes.get(pass_id)
            if current is None or not current.good(now):
                raise PassRefused("this token was replaced a moment ago")
            work.passes.save(current.used(now=now))
            before = work.passes.get(current.replaces) if current.replaces else None
            if before is not None:
                work.passes.save(before.succeeded(now=now))
            if before is not None and before.kind is PassKind.JOIN:  # another machine takes the place of the last
                for each in work.passes.of(current.runner_id):
                    if each.kind is PassKind.RUNNER and each.id != current.id and each.good(now):
                        work.passes.save(each.revoked(now=now))
            work.commit()

    def _alarm(self, found: RunnerPass, now: datetime) -> None:
        with self._begin() as work:
            runner = work.runners.lock(found.runner_id)
            what = "registration token" if found.kind is PassKind.JOIN else "runner token"
            why = f"somebody showed a {what} that was replaced: it was copied, or this machine runs from an old copy"
            if (alarmed := runner.alarmed(why, now=now)) != runner:
                work.runners.save(alarmed)
                work.commit()


def _known(reading: PassesReading, text: TokenText) -> RunnerPass | None:
    found = reading.passes.get(text.id)
    if found is None:
        compared_with_nobody(text)
        return None
    right = found.opened_by(text) and found.kind.prefix == text.prefix
    return found if right else None


def _wrong(command: AuthenticateAgentCommand) -> str:
    wanted = "registration token (ryj_…)" if command.kind is PassKind.JOIN else "runner token (ryr_…)"
    if command.presented.startswith("ryu_"):
        return f"this is the token of an account, and no {wanted}"
    if command.presented.startswith(("ryj_", "ryr_")) and not command.presented.startswith(command.kind.prefix):
        return f"this needs a {wanted}; a registration token is exchanged for one by registering"
    return f"this is no {wanted}, or not the whole of one"
