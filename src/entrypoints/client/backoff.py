"""How often and how long to try again when a server does not answer."""

import random
import time
from typing import Final

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0


class Patience:
    """Tries again for so many seconds since the server was last heard; pauses grow, with full jitter."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._failures = 0
        self._heard = time.monotonic()

    def heard(self) -> None:
        """The server answers."""
        self._heard = time.monotonic()

    def worked(self) -> None:
        """Something useful came: the next pause is a short one again."""
        self._failures = 0
        self.heard()

    @property
    def over(self) -> bool:
        """Whether it is time to give up."""
        return time.monotonic() - self._heard >= self._seconds

    def pause(self, most: float = LONGEST_PAUSE) -> None:
        """Wait before the next try."""
        longest = min(LONGEST_PAUSE, most, FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._failures += 1
        time.sleep(random.uniform(0, max(longest, 0)))  # noqa: S311 - spreads load, guards nothing
