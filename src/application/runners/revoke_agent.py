"""Revoke an agent: none of its tokens opens anything any more."""

from dataclasses import dataclass, replace

from ..ports.passes import PassesWork
from ..ports.rings import Rings, about_runner
from ..ports.work import Begin
from .changing import found
from .invite_agent import an_agent


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeAgentCommand:
    """The runner, by id or name."""

    runner: str


class RevokeAgent:
    """The machine can say nothing more, so what runs there is ended by its lease, and by the machine itself before.

    Where it waits for work it hears at once that there is something to look at.
    """

    def __init__(self, begin: Begin[PassesWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: RevokeAgentCommand) -> int:
        """How many tokens were good until now; `RunnerNotFound`, or `InvalidRunner` if it is of another kind."""
        with self._begin() as work:
            runner, now = an_agent(found(work.runners, command.runner)), work.now()
            good = [each for each in work.passes.of(runner.id) if each.good(now)]
            for each in good:
                work.passes.save(each.revoked(now=now))
            if good and runner.agent is not None:
                work.runners.save(replace(runner, agent=runner.agent.revoked(now=now)))
            work.commit()
        if good:
            self._rings.ring({about_runner(runner.id)})
        return len(good)
