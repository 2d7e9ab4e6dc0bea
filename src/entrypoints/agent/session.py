"""What an agent knows of itself while it runs: its session, what lives here, and whether it takes more."""

from collections.abc import Iterable
from threading import Condition, Event, Lock
from time import monotonic
from typing import Final

from ...domain.jobs.ids import AttemptRef

_QUICK: Final = 5
"""So many starts that fail one after the other, and it rests."""
_REST: Final = (10.0, 300.0)


class Session:
    """Shared by the threads of the agent."""

    def __init__(self, *, ephemeral: bool = False) -> None:
        self._lock = Lock()
        self._begun = Condition(self._lock)
        self._epoch: int | None = None
        self._live: set[AttemptRef] = set()
        self._failures = 0
        self._rests_until = 0.0
        self._ephemeral = ephemeral
        self._done = 0
        self.claimed = Event()
        """Set each time that work was asked for."""
        self.closing = False
        """Whether nothing more is to be taken; a signal says so, and so it is no lock."""
        self.name = ""
        self.idle_since = monotonic()
        self.heard_at = 0.0
        self.trouble: str | None = None
        """Why there is no session, if there is none."""
        self.gives_back: str | None = None
        """Why what is taken is not started, if it is given back."""

    @property
    def epoch(self) -> int:
        """Under which everything is said."""
        return self._epoch or 0

    def opened(self, epoch: int, name: str) -> None:
        """The server knows us, under this epoch."""
        with self._begun:
            self._epoch, self.name, self.trouble = epoch, name, None
            self.heard()
            self._begun.notify_all()

    def heard(self) -> None:
        """The server heard of us just now."""
        self.heard_at = monotonic()

    def wait_until_open(self, seconds: float) -> bool:
        """Whether there is a session within so many seconds."""
        with self._begun:
            return self._begun.wait_for(lambda: self._epoch is not None, seconds)

    def follows(self, refs: Iterable[AttemptRef]) -> None:
        """These live here, as far as the server knows, and nothing else: what was here before is over."""
        with self._lock:
            live = set(refs)
            self._done += len(self._live - live)
            self._live = live
            self._looked()

    def took(self, refs: Iterable[AttemptRef]) -> None:
        """These were handed out to us."""
        with self._lock:
            self._live |= set(refs)
            self._looked()

    def over(self, ref: AttemptRef, *, started: bool) -> None:
        """It has ended and the server knows; starts that fail one after the other are a reason to rest."""
        with self._lock:
            self._live.discard(ref)
            self._done += 1
            self._failures = 0 if started else self._failures + 1
            if self._failures >= _QUICK:
                first, most = _REST
                self._rests_until = monotonic() + min(most, first * 2 ** min(self._failures - _QUICK, 10))
            self._looked()

    @property
    def busy(self) -> int:
        """How many attempts live here."""
        return len(self._live)

    @property
    def finished(self) -> bool:
        """Whether what was to be done is done: the one job of an ephemeral agent."""
        return self._ephemeral and self._done > 0 and not self._live

    @property
    def resting(self) -> float:
        """How long nothing is taken because starts fail here."""
        return max(0.0, self._rests_until - monotonic())

    @property
    def refuses(self) -> str | None:
        """Why nothing is taken, apart from what the machine has to say."""
        if self.closing:
            return "its agent was told to leave, and waits for what runs to end"
        if self._ephemeral and (self._live or self._done):
            return "its agent takes one job, and has taken it"
        if self.resting:
            return "one start after the other failed there, and it rests for a while"
        return self.gives_back

    def may_take(self, most: int) -> int:
        """How many more may be taken at once."""
        if self.closing or self.resting:
            return 0
        if self._ephemeral:
            return 0 if self._live or self._done else min(most, 1)
        return most

    def _looked(self) -> None:
        if self._live:
            self.idle_since = monotonic()
