"""Guesses at passwords: of one account few are looked at, however many places they come from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Final

from ...domain.accounts.addresses import UNKNOWN, house
from ...domain.accounts.errors import InvalidAccount, TooManyGuesses, Unauthenticated
from ...domain.audit.entry import AuditFilter, AuditOutcome
from ...domain.rates.rate import Rate
from ..ports.audit import TrailLook
from ..ports.calling import UseCase
from ..ports.rates import Rates
from ..ports.work import Begin
from .create_token import Issued
from .deeds import DEEDS
from .log_in import LogInCommand
from .set_password import SetPasswordCommand

_LOOKED_AT: Final = 100
"""Of so many of the last logins it is known where they came from."""
_INSTEAD: Final = "log in from where that was done before, come with a token, or "


class Unguessed:
    """Logging in, so often and no more by strangers: each wrong password counts for the name it came with, whether
    there is an account of this name or not.

    Whoever comes from where that account has logged in before is no stranger, and is not kept out by what others do.
    """

    def __init__(
        self, inner: UseCase[LogInCommand, Issued], read: Begin[TrailLook], rates: Rates, rate: Rate | None
    ) -> None:
        self._inner = inner
        self._read = read
        self._rates = rates
        self._rate = rate

    def execute(self, command: LogInCommand) -> Issued:
        """What logging in does; `TooManyGuesses` before anything was looked at."""
        if self._rate is None:
            return self._inner.execute(command)
        guess = _Guess(self._rates, self._rate, "account", command.name)
        if not guess.taken.granted:
            if not self._was_here(command):
                raise TooManyGuesses(guess.taken.again, _INSTEAD)
            return self._inner.execute(command)
        with guess.counting(lambda refused: isinstance(refused, Unauthenticated)):
            return self._inner.execute(command)

    def _was_here(self, command: LogInCommand) -> bool:
        """As the trail tells it, which is kept for some time."""
        here = house(command.address or "")
        which = AuditFilter(actor=command.name, action=DEEDS[LogInCommand].action, outcome=AuditOutcome.DONE)
        with self._read() as reading:
            logins = reading.audit.page(which, after=None, limit=_LOOKED_AT).items
        return here != UNKNOWN and any(house(entry.address) == here for entry in logins)


class UnguessedChange:
    """Setting one's password, for which the old one is asked: who has a token of somebody else may not guess at it."""

    def __init__(self, inner: UseCase[SetPasswordCommand, None], rates: Rates, rate: Rate | None) -> None:
        self._inner = inner
        self._rates = rates
        self._rate = rate

    def execute(self, command: SetPasswordCommand) -> None:
        """What setting it does; `TooManyGuesses` before anything was looked at."""
        if self._rate is None or not command.needs_old:
            return self._inner.execute(command)
        guess = _Guess(self._rates, self._rate, "old", command.name)
        if not guess.taken.granted:
            raise TooManyGuesses(guess.taken.again, "have it set by an admin, or ")
        with guess.counting(_was_the_old_one):
            return self._inner.execute(command)


class _Guess:
    """Counted before anything is looked at, so that of many at once no more get through than one by one."""

    def __init__(self, rates: Rates, rate: Rate, what: str, name: str) -> None:
        self._rates, self._rate = rates, rate
        self._bucket = f"failed:{what}:{sha256(name.encode(errors='backslashreplace')).hexdigest()[:32]}"
        self.taken = rates.take(self._bucket, rate)

    @contextmanager
    def counting(self, wrong: Callable[[BaseException], bool]) -> Iterator[None]:
        """What goes well in here, or wrong for another reason, was no guess."""
        counted = False
        try:
            yield
        except BaseException as refused:
            counted = wrong(refused)
            raise
        finally:
            if not counted:
                self._rates.take(self._bucket, self._rate, -1.0)


def _was_the_old_one(refused: BaseException) -> bool:
    return isinstance(refused, InvalidAccount) and any(each.pointer == "/old" for each in refused.problems)
