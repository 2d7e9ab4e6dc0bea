"""Forget keys: a submission is recognised for a day, not for ever."""

from dataclasses import dataclass

from ..ports.work import Begin, KeysWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetKeysCommand:
    """Forget no more than so many in one transaction."""

    most: int = 1000


class ForgetKeys:
    """Drops the keys of submissions that are old enough."""

    def __init__(self, begin: Begin[KeysWork]) -> None:
        self._begin = begin

    def execute(self, command: ForgetKeysCommand) -> int:
        """How many were dropped; as many as `most` means that more may be old enough."""
        with self._begin() as work:
            forgotten = work.keys.forget(command.most)
            work.commit()
        return forgotten
