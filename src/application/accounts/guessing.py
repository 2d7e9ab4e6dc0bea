"""Guesses at passwords: of one account few are looked at, however many places they come from."""

from hashlib import sha256

from ...domain.accounts.addresses import UNKNOWN, house
from ...domain.accounts.errors import TooManyGuesses, Unauthenticated
from ...domain.audit.entry import AuditFilter, AuditOutcome
from ...domain.rates.rate import Rate
from ..ports.audit import TrailLook
from ..ports.calling import UseCase
from ..ports.rates import Rates
from ..ports.work import Begin
from .create_token import Issued
from .deeds import DEEDS
from .log_in import LogInCommand

_LOOKED_AT = 100
"""Of so many of the last logins it is known where they came from."""


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
        bucket = f"failed:account:{sha256(command.name.encode(errors='backslashreplace')).hexdigest()[:32]}"
        taken = self._rates.take(bucket, self._rate)  # before it is looked at: of many at once no more get through
        if not taken.granted:
            if not self._was_here(command):
                raise TooManyGuesses(taken.again)
            return self._inner.execute(command)
        wrong = False
        try:
            return self._inner.execute(command)
        except Unauthenticated:
            wrong = True
            raise
        finally:
            if not wrong:
                self._rates.take(bucket, self._rate, -1.0)

    def _was_here(self, command: LogInCommand) -> bool:
        """As the trail tells it, which is kept for some time."""
        here = house(command.address or "")
        which = AuditFilter(actor=command.name, action=DEEDS[LogInCommand].action, outcome=AuditOutcome.DONE)
        with self._read() as reading:
            logins = reading.audit.page(which, after=None, limit=_LOOKED_AT).items
        return here != UNKNOWN and any(house(entry.address) == here for entry in logins)
