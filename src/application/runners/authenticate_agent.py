"""Authenticate an agent: which runner's pass this is. A runner is an actor of its own, and nobody's login."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from ...domain.accounts.ids import TokenId
from ...domain.accounts.tokens import TokenText, compared_with_nobody, parsed
from ...domain.runners.errors import Shown
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import PassKind, PassRefused, RunnerPass
from ..ports.audit import TrailWork
from ..ports.passes import PassesReading, PassesWork
from ..ports.rings import Rings, about_runner
from ..ports.work import Begin
from .alarming import alarm
from .by_itself import AUTHENTICATING

_UNKNOWN: Final = Shown(why="unknown_token")


class DoorWork(PassesWork, TrailWork, Protocol):
    """A transaction over passes, and over the trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateAgentCommand:
    """What was presented, what it must be for, and where from."""

    presented: str = field(repr=False)
    kind: PassKind = PassKind.RUNNER
    address: str | None = None

    @property
    def text(self) -> TokenText | None:
        """The token in it, if there is one."""
        return parsed(self.presented, self.kind.prefix)

    @property
    def pass_id(self) -> TokenId | None:
        """The id of that."""
        return self.text.id if self.text else None


@dataclass(frozen=True, slots=True)
class RunnerActor:
    """A runner that speaks for itself: of its own attempts, and of nothing else. `pass_id` is what it showed, from this
    `address`.
    """

    runner_id: RunnerId
    pass_id: TokenId
    address: str | None = None


class AuthenticateAgent:
    """The first use of a pass ends its predecessor; one that was ended by that, or was revoked, raises an alarm."""

    def __init__(self, read: Begin[PassesReading], begin: Begin[DoorWork], rings: Rings) -> None:
        self._read = read
        self._begin = begin
        self._rings = rings

    def execute(self, command: AuthenticateAgentCommand) -> RunnerActor:
        """Which runner it is, or `PassRefused`, saying what to do."""
        text = command.text
        if text is None:
            raise PassRefused(_wrong(command), _UNKNOWN)
        with self._read() as reading:
            now, found = reading.now(), _known(reading, text)
        if found is None:
            raise PassRefused("this token is not known here; is this the right server?", _UNKNOWN)
        if not found.good(now):
            raise found.refusal(now, told=self._alarmed(found, now, command.address))
        if found.used_at is None and found.kind is PassKind.RUNNER:
            self._first_use(found)
        return RunnerActor(found.runner_id, found.id, command.address)

    def _first_use(self, found: RunnerPass) -> None:
        """In the store before anything is done with it: from here on its predecessor is over."""
        others: list[RunnerPass] = []
        with self._begin() as work:
            work.runners.lock(found.runner_id)  # as everybody does who changes passes of it
            now, current = work.now(), work.passes.get(found.id)
            if current is None or not current.good(now):
                raise PassRefused("this token was replaced a moment ago", Shown(why="replaced_token"))
            work.passes.save(current.used(now=now))
            before = work.passes.get(current.replaces) if current.replaces else None
            if before is not None:
                work.passes.save(before.succeeded(now=now))
            if before is not None and before.kind is PassKind.JOIN:  # another machine takes the place of the last
                runners = (each for each in work.passes.of(current.runner_id) if each.kind is PassKind.RUNNER)
                others = [each for each in runners if each.id != current.id and each.good(now)]
            for each in others:
                work.passes.save(each.revoked(now=now))
            work.commit()
        if others:  # that machine waits for work, perhaps
            self._rings.ring({about_runner(found.runner_id)})

    def _alarmed(self, found: RunnerPass, now: datetime, address: str | None) -> bool:
        """Whether people were told of it just now."""
        why, shown = found.alarming(now), found.refusal(now).shown
        if why is None or shown is None:
            return False
        with self._begin() as work:
            runner = work.runners.lock(found.runner_id)
            told = alarm(work, runner, why, refused=AUTHENTICATING, shown=shown, address=address)
            if told:
                work.commit()
        return told


def _known(reading: PassesReading, text: TokenText) -> RunnerPass | None:
    found = reading.passes.get(text.id)
    if found is None:
        compared_with_nobody(text)
        return None
    right = found.opened_by(text) and found.kind.prefix == text.prefix
    return found if right else None


def _wrong(command: AuthenticateAgentCommand) -> str:
    wanted = "registration token (ryj_…)" if command.kind is PassKind.JOIN else "runner token (ryr_…)"
    if command.presented.startswith(("ryu_", "rya_")):
        return f"this is the token of an account, and no {wanted}"
    if command.presented.startswith(("ryj_", "ryr_")) and not command.presented.startswith(command.kind.prefix):
        return f"this needs a {wanted}; a registration token is exchanged for one by registering"
    return f"this is no {wanted}, or not the whole of one"
