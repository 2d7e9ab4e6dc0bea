"""The tokens of attempts."""

from collections.abc import Sequence

from ...domain.accounts.ids import TokenId
from ...domain.jobs.access import AttemptToken
from .state import State


class MemoryAttemptTokens:
    """Tokens of attempts, to read and to add."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, token_id: TokenId) -> AttemptToken | None:
        return self._state.attempt_tokens.get(token_id)

    def add_all(self, tokens: Sequence[AttemptToken]) -> None:
        self._state.attempt_tokens.update({each.id: each for each in tokens})
