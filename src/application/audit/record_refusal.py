"""Record a refusal: who was not let in, or may not do what they asked for."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Protocol

from ...domain.accounts.ids import AccountId
from ...domain.audit.entry import ITSELF, AuditEntry, AuditOutcome, Doer, Subject
from ...domain.rates.rate import Rate
from ...domain.runners.errors import RunnerNotFound
from ...domain.runners.ids import RunnerId
from ..ports.accounts import AccountReading
from ..ports.audit import TrailWork
from ..ports.rates import Rates
from ..ports.runners import Runners
from ..ports.work import Begin, StoreUnavailable
from . import things
from .acting import Deed
from .things import Thing

OF_ONE: Final = Rate(per_second=1 / 60, most=3)
"""Refusals of one kind to one caller, about one thing."""
OF_ALL: Final = Rate(per_second=1 / 10, most=100)
"""Refusals of one kind, whoever asks: 8,640 a day at most, so that nobody fills the disk from outside."""
_LONGEST_NAME: Final = 200


class RefusalWork(TrailWork, Protocol):
    """A transaction over the trail, and over who somebody is."""

    @property
    def accounts(self) -> AccountReading:
        """The accounts."""

    @property
    def runners(self) -> Runners:
        """The runners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefusalCommand:
    """Who asked for what, from where, about what, and why it was refused; who has not come in is known by `account`, or
    is the runner that it is about.
    """

    deed: Deed
    doer: Doer
    address: str
    reason: str
    account: AccountId | None = None
    runner: RunnerId | None = None
    named: str | None = None
    project: str | None = None

    @property
    def told_by(self) -> str:
        """What makes another refusal the same one again."""
        who = self.doer.name or self.account or self.runner
        said = (self.reason, self.address, who, self.doer.token, self.deed.action, self.named)
        return sha256(repr(said).encode(errors="backslashreplace")).hexdigest()[:32]


class RecordRefusal:
    """Never in the way: a store that does not answer, or too many refusals, change nothing for whoever was refused.

    How many were left out is told by the next entry of the kind from this process.
    """

    def __init__(self, begin: Begin[RefusalWork], rates: Rates) -> None:
        self._begin = begin
        self._rates = rates
        self._left_out = Counter[str]()

    def execute(self, command: RecordRefusalCommand) -> None:
        """An entry, unless there were too many lately."""
        if not self._granted(command):
            self._left_out[command.reason] += 1
            return
        left_out = self._left_out.pop(command.reason, 0)
        with suppress(StoreUnavailable), self._begin() as work:
            thing = _thing(command, work)
            work.audit.append(
                [
                    AuditEntry(
                        at=work.now(),
                        doer=_doer(command, thing, work.accounts),
                        address=command.address,
                        action=command.deed.action,
                        permission=command.deed.permission,
                        subject=thing.subject,
                        project=thing.project,
                        outcome=AuditOutcome.REFUSED,
                        reason=command.reason,
                        after={"left_out": left_out} if left_out else {},
                    )
                ]
            )
            work.commit()

    def _granted(self, command: RecordRefusalCommand) -> bool:
        own = self._rates.take(f"audit:{command.told_by}", OF_ONE)
        return own.granted and self._rates.take(f"audit:{command.reason}", OF_ALL).granted


def _thing(command: RecordRefusalCommand, work: RefusalWork) -> Thing:
    """What it is about. Like who it was it is looked up for what is written alone."""
    if command.runner is not None:
        with suppress(RunnerNotFound):
            return things.runner(work.runners.lock(command.runner))
    name = command.named and command.named[:_LONGEST_NAME]
    return Thing(Subject(kind=command.deed.kind, name=name), command.project)


def _doer(command: RecordRefusalCommand, thing: Thing, accounts: AccountReading) -> Doer:
    """A refusal that is not written takes the same time whatever was wrong."""
    if command.runner is not None:
        return replace(command.doer, name=thing.subject.name, kind=ITSELF)
    found = accounts.get(command.account) if command.account else None
    return replace(command.doer, name=found.name, kind=found.kind.value) if found else command.doer
