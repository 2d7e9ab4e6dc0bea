"""Revoke an agent: none of its tokens opens anything any more."""

from dataclasses import dataclass, replace

from ..ports.passes import PassesWork
from ..ports.work import Begin
from .changing import found
from .invite_agent import an_agent


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeAgentCommand:
    """The runner, by id or name."""

    runner: str


class RevokeAgent:
    """The machine can say nothing more, so what runs there is ended by its lease, and by the machine itself before."""

    def __init__(self, begin: Begin[PassesWork]) -> None:
        self._begin = begin

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
        return len(good)
