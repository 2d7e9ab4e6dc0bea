"""Whether the audit trail has told what is there: of accounts, their tokens, and jobs that were ended by force."""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from ...domain.accounts.ids import AccountId, TokenId
from ...domain.audit.difference import difference
from ...domain.audit.entry import AuditFilter, Fields
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from ...domain.observability.invariants import Hit
from ...domain.observability.trail import TOLD, Memory
from ..audit import things
from ..audit.things import ACCOUNT, TOKEN, Thing
from ..ports.accounts import AccountReading, TokenReading
from ..ports.audit import TrailReading
from ..ports.work import Begin

_KINDS: Final = frozenset({ACCOUNT, TOKEN})
_PAGE: Final = 500


class ToldReading(Protocol):
    """A consistent look at the trail and at what it tells of."""

    @property
    def audit(self) -> TrailReading:
        """The trail."""

    @property
    def accounts(self) -> AccountReading:
        """The accounts."""

    @property
    def tokens(self) -> TokenReading:
        """Their tokens."""


def untold(read: Begin[ToldReading], ended: Iterable[Job], most: int) -> Iterator[Hit]:
    """Up to so many hits. These jobs were `ended` by force, and were seen before this is called.

    The trail is read in short looks, beside a live server. So what seems wrong is looked at again with its entries.
    """
    memory = _remembered(read)
    if memory.began is None:
        return
    found = 0
    for job in ended:
        at = job.finished_at
        if at is not None and at >= memory.began and job.id not in memory.forced and found < most:
            found += 1
            told = f"nobody is said to have ended job {job.id} by force"
            yield Hit(invariant=TOLD[0], told=told, rows=(f"job {job.id}: finished_at={at.isoformat()}",))
    with read() as reading:
        suspects = [each for each in _things(reading) if _wrong(memory, each)]
    for each in suspects[: most - found]:
        yield from _looked_at_again(read, each)


def forced(job: Job) -> bool:
    """Whether somebody ended it by force, as the job says itself."""
    return job.state is JobState.FAILED and job.reason == "forced"


def _remembered(read: Begin[ToldReading]) -> Memory:
    memory = Memory(_KINDS)
    while True:
        with read() as reading:
            page = reading.audit.oldest(after=memory.last, limit=_PAGE)
        for entry in page:
            memory.heed(entry)
        if len(page) < _PAGE:
            return memory


def _things(reading: ToldReading) -> Iterator[Thing]:
    for account in reading.accounts.all():
        yield things.account(account)
        for token in reading.tokens.of(account.id):
            yield things.token(token, account.name)


def _again(reading: ToldReading, suspect: Thing) -> Thing:
    which = suspect.subject.id or ""
    token = reading.tokens.get(TokenId(which)) if suspect.subject.kind == TOKEN else None
    account = reading.accounts.get(token.account_id if token else AccountId(which))
    if token is not None:
        return things.token(token, account.name if account else None)
    return things.account(account) if account else suspect


def _wrong(memory: Memory, thing: Thing) -> list[str]:
    known = memory.things.get((thing.subject.kind, thing.subject.id or ""))
    return [*known.otherwise(_shown(thing))] if known else []


def _shown(thing: Thing) -> Fields:
    """Its fields as entries tell them."""
    return difference({}, thing.fields)[1]


def _looked_at_again(read: Begin[ToldReading], suspect: Thing) -> Iterator[Hit]:
    memory, which = Memory(_KINDS), AuditFilter(kind=suspect.subject.kind, thing=suspect.subject.id)
    with read() as reading:
        page = reading.audit.page(which, after=None, limit=_PAGE)
        entries = [*page.items]
        while page.next_after is not None:
            page = reading.audit.page(which, after=page.next_after, limit=_PAGE)
            entries += page.items
        now = _again(reading, suspect)
    for entry in reversed(entries):
        memory.heed(entry)
    rows = tuple(f"entry {each.id}: {each.at.isoformat()} {each.action}" for each in entries[:5])
    for told in _wrong(memory, now):
        kind, name = now.subject.kind, now.subject.name or now.subject.id
        yield Hit(invariant=TOLD[0], told=f"of {kind} {name!r} {told}", rows=rows)
