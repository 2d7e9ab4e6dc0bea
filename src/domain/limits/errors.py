"""What limits refuse."""

from math import ceil

from ..errors import Refusal, RunyardError
from .limits import Bound


class LimitReached(RunyardError):
    """There is no room under a limit: `bound` is which one, `used` how much of it is taken."""

    refusal = Refusal.LIMITED
    code = "limit-reached"

    def __init__(self, bound: Bound, used: int, advice: str) -> None:
        self.bound = bound
        self.used = used
        super().__init__(f"{bound.told(used)}; {advice}, or have it raised: `{bound.command}`")


class TooManyQueued(LimitReached):
    """As many jobs wait already as may."""

    code = "queued-limit-reached"

    def __init__(self, bound: Bound, used: int) -> None:
        super().__init__(bound, used, "submit it again when fewer wait")


class SubmittedTooOften(LimitReached):
    """As many jobs were submitted lately as may be in a minute; in `again` seconds there is room for one more."""

    code = "submissions-limit-reached"

    def __init__(self, bound: Bound, again: float) -> None:
        self.again = again
        super().__init__(bound, bound.most, f"submit it again in {max(1, ceil(again))} s")
