"""Execute jobs: drive a runner's attempts. Start what it has slots for, collect, report.

No transaction is open while the host is spoken to. Whatever is interrupted between two steps is
found again by the look at the books, which compares what the store says lives with what is followed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.jobs.attempt import Ending, Outcome
from ...domain.jobs.errors import StaleAttempt
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.matching import Crowd
from ..ports.calling import UseCase
from ..ports.executor import (
    AttemptSignal,
    Ended,
    Event,
    Gone,
    Host,
    HostUnreachable,
    Output,
    Receipt,
    Resume,
    SignalKind,
    Started,
    Voided,
)
from .append_output import Appended, AppendOutputCommand, FencedChunk
from .assign_jobs import AssignJobsCommand
from .drive import Drive
from .find_crowds import FindCrowdsCommand
from .follow_attempts import FollowAttemptsCommand, Followed, LiveAttempt
from .hand_out_jobs import HandedOut
from .renew_attempts import Renewal, RenewAttemptsCommand
from .report_outcomes import Fact, FactAnswer, FencedFact, ReportOutcomesCommand

BATCH = 100
"""Claims in one transaction: enough to pay for the commit, few enough to leave work for others."""
_SOON = 0.01
"""So many seconds a start may wait to be stored together with its end, where one end follows another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteJobsCommand:
    """One turn: `claim` new jobs, `look` at the books first, then wait up to `timeout` seconds for events.

    `perhaps` says that most likely there is nothing to claim: so it is looked what waits before the host is asked.
    """

    drive: Drive
    claim: bool
    look: bool
    timeout: float
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What the turn did: how many attempts it ordered, how many ended, how many the host says began or voided."""

    started: int
    ended: int
    began: int = 0
    voided: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookkeeping:
    """What a driver knows of the books: what lives there, what is handed out, and how it is written down what a host
    says: output, facts, and that it was heard of. An agent drives by the same, from afar; it knows nothing of `crowds`,
    and is told when something waits for it.
    """

    follow: UseCase[FollowAttemptsCommand, Followed]
    hand_out: UseCase[AssignJobsCommand, list[HandedOut]]
    append: UseCase[AppendOutputCommand, list[Appended]]
    report: UseCase[ReportOutcomesCommand, Sequence[FactAnswer]]
    renew: UseCase[RenewAttemptsCommand, list[AttemptRef]]
    crowds: UseCase[FindCrowdsCommand, list[Crowd]] | None = None


class ExecuteJobs:
    """Takes one turn at driving a runner; its caller takes the next."""

    def __init__(self, host: Host, bookkeeping: Bookkeeping) -> None:
        self._host = host
        self._bookkeeping = bookkeeping

    def execute(self, command: ExecuteJobsCommand) -> Turn:
        """The turn. After `HostUnreachable` or a failing store, clear `drive.fences` and look again."""
        drive = command.drive
        if command.look:
            self._look(drive)
        started = self._start(drive) if command.claim and (not command.perhaps or self._waits(drive)) else 0
        most = min(command.timeout, _SOON) if drive.begun else command.timeout
        events = self._host.events(0 if started >= BATCH else most)
        ended = self._store(drive, self._to_store_now(drive, events))
        began = sum(isinstance(event, Started) for event in events)
        return Turn(started, ended, began, sum(isinstance(event, Voided) for event in events))

    def _look(self, drive: Drive) -> None:
        """Follow what lives and is not followed, have the host forget what has ended, pass on wishes."""
        held = self._host.held()
        followed = self._bookkeeping.follow.execute(
            FollowAttemptsCommand(runner_id=drive.runner.id, epoch=drive.epoch, known=dict(drive.fences))
        )
        drive.runner, live = followed.runner, followed.live
        lost_sight_of = [ref for ref in live if drive.fences.get(ref) != live[ref].fence]
        self._drop(drive, [ref for ref in held | drive.fences.keys() if ref not in live])
        drive.fences |= {ref: live[ref].fence for ref in lost_sight_of}
        self._host.resume([Resume(ref, live[ref].stored or 0) for ref in lost_sight_of])
        unsure = drive.stopped.union(lost_sight_of)
        wishes = [(each, _wish(each, may_stand_still=ref in unsure)) for ref, each in live.items()]
        self._host.signal([AttemptSignal(each.ref, wish, each.version) for each, wish in wishes if wish])
        drive.stopped = {each.ref for each, wish in wishes if wish is SignalKind.PAUSE}
        self._renew_leases([Renewal(ref, each.fence) for ref, each in live.items() if each.leased and ref in held])

    def _renew_leases(self, renewals: Sequence[Renewal]) -> None:
        """In the store first, then on the host, which counts from the hello that came before both.

        Whoever cannot reach the store tells the host nothing, and the host ends what somebody else may start.
        """
        if not renewals:
            return
        hello = self._host.hello()
        renewed = self._bookkeeping.renew.execute(RenewAttemptsCommand(renewals=renewals))
        if renewed:
            self._host.renew(hello, renewed)

    def _waits(self, drive: Drive) -> bool:
        """Whether there may be something for this runner: a read, where a claim in vain locks and asks the host."""
        if self._bookkeeping.crowds is None:
            return True
        if not drive.free:
            return False
        crowds = self._bookkeeping.crowds.execute(FindCrowdsCommand(most=1))
        return any(each.lane.fits(drive.runner) for each in crowds)

    def _start(self, drive: Drive) -> int:
        most = min(drive.free, BATCH)
        if not most:
            return 0
        hello = self._host.hello()
        handed_out = self._bookkeeping.hand_out.execute(
            AssignJobsCommand(
                runner_id=drive.runner.id, epoch=drive.epoch, hello=hello, most=most, claiming=drive.claiming
            )
        )
        drive.fences |= {item.ref: item.fence for item in handed_out}
        self._host.start(hello, [item.order for item in handed_out if item.order is not None])
        self._store(drive, [Ended(item.ref, _without(item.why)) for item in handed_out if item.order is None])
        return len(handed_out)

    @staticmethod
    def _to_store_now(drive: Drive, events: Sequence[Event]) -> list[Event]:
        """What came now and what waited since the last turn; a start by itself waits if others have ended.

        Of jobs that are short most starts are stored with their ends, which takes half as long.
        """
        waited, drive.begun = drive.begun, []
        if not any(isinstance(event, Ended) for event in events):
            return [*waited, *events]
        told = Counter(event.ref for event in events)
        drive.begun = [event for event in events if isinstance(event, Started) and told[event.ref] == 1]
        later = {event.ref for event in drive.begun}
        return [*waited, *(event for event in events if event.ref not in later)]

    def _store(self, drive: Drive, events: Sequence[Event]) -> int:
        known = [event for event in events if event.ref in drive.fences]
        gone = [event for event in known if isinstance(event, Gone)]
        ended = self._report_facts(drive, gone)  # before the output that follows the gap
        outputs = [event for event in known if isinstance(event, Output) and event.ref in drive.fences]
        self._store_output(drive, outputs)
        return ended + self._report_facts(drive, [each for each in known if not isinstance(each, Output | Gone)])

    def _report_facts(self, drive: Drive, told: Sequence[Fact]) -> int:
        facts = [FencedFact(fact, drive.fences[fact.ref]) for fact in told if fact.ref in drive.fences]
        if not facts:
            return 0
        ended: list[Receipt] = []
        for answer in self._bookkeeping.report.execute(ReportOutcomesCommand(facts=facts)):
            if answer.refused is not None:
                continue
            ref, fact = answer.fact.ref, answer.fact
            if not answer.over:
                if isinstance(fact, Ended):
                    raise HostUnreachable(f"{ref} ended before all its output came; it is collected again")
                continue
            size = fact.outcome.log_size if isinstance(fact, Ended) else None
            ended.append(Receipt(ref, size or 0, final=True))
            drive.fences.pop(ref, None)
        self._host.acknowledge(ended)
        return len(ended)

    def _store_output(self, drive: Drive, outputs: Sequence[Output]) -> None:
        if not outputs:
            return
        chunks = [FencedChunk(output.chunk, drive.fences[output.ref]) for output in outputs]
        stored: dict[AttemptRef, int] = {}
        for answer in self._bookkeeping.append.execute(AppendOutputCommand(chunks=chunks)):
            if answer.refused is None:
                stored[answer.ref] = answer.stored
            elif not isinstance(answer.refused, StaleAttempt):
                raise HostUnreachable(f"{answer.refused}; output is collected again from there")
        self._host.acknowledge([Receipt(ref, offset) for ref, offset in stored.items()])

    def _drop(self, drive: Drive, refs: Sequence[AttemptRef]) -> None:
        """An attempt that has ended in the books never lives again: its tree is ended, its output forgotten."""
        self._host.signal([AttemptSignal(ref, SignalKind.KILL) for ref in refs])
        self._host.acknowledge([Receipt(ref, 0, final=True) for ref in refs])
        for ref in refs:
            drive.fences.pop(ref, None)


def _wish(attempt: LiveAttempt, *, may_stand_still: bool) -> SignalKind | None:
    """What the host is to do with it, as far as it may not have heard."""
    if attempt.cancel:
        return SignalKind.CANCEL
    if attempt.paused:
        return SignalKind.PAUSE
    return SignalKind.RESUME if may_stand_still and attempt.running else None


def _without(why: str) -> Outcome:
    return Outcome(ending=Ending.START_FAILED, message=why, tree_empty=True, log_size=0)
