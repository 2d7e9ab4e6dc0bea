"""The passes of agents."""

from datetime import datetime

from ...domain.accounts.ids import TokenId
from ...domain.runners.ids import RunnerId
from ...domain.runners.passes import RunnerPass
from .state import State


class MemoryPasses:
    """Passes, to read and to change."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, pass_id: TokenId) -> RunnerPass | None:
        return self._state.passes.get(pass_id)

    def of(self, runner_id: RunnerId) -> list[RunnerPass]:
        found = (each for each in self._state.passes.values() if each.runner_id == runner_id)
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def add(self, runner_pass: RunnerPass) -> None:
        self._state.passes[runner_pass.id] = runner_pass

    def save(self, runner_pass: RunnerPass) -> None:
        self._state.passes[runner_pass.id] = runner_pass

    def forget(self, runner_id: RunnerId, expired_before: datetime) -> None:
        for each in self.of(runner_id):
            if each.expires_at < expired_before:
                del self._state.passes[each.id]
