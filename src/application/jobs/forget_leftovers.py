"""Forget leftovers: lanes and concurrency keys that no unfinished job needs."""

from dataclasses import dataclass

from ..ports.work import Begin, LeftoversWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetLeftoversCommand:
    """Forget no more than so many of each in one transaction."""

    most: int = 500


class ForgetLeftovers:
    """Takes one bounded step. Any number may do so at once, beside any number of submissions."""

    def __init__(self, begin: Begin[LeftoversWork]) -> None:
        self._begin = begin

    def execute(self, command: ForgetLeftoversCommand) -> bool:
        """Whether there may be more."""
        with self._begin() as work:
            forgotten = work.leftovers.forget_lanes(command.most), work.leftovers.forget_keys(command.most)
            if any(forgotten):
                work.commit()
        return max(forgotten) >= command.most
