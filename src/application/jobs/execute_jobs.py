"""Execute jobs: drive a runner's attempts. Start what it has slots for, collect, report.

No transaction is open while the host is spoken to. Whatever is interrupted between two steps is
found again by the look at the books, which compares what the store says lives with what is followed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.errors import RunyardError
from ...domain.jobs.attempt import Ending, Outcome
from ...domain.jobs.errors import StaleAttempt
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.job import Job
from ...domain.jobs.states import JobState
from ..ports.calling import UseCase
from ..ports.executor import (
    AttemptSignal,
    Ended,
    Event,
    Gone,
    Hello,
    Host,
    HostUnreachable,
    Output,
    Receipt,
    Resume,
    SignalKind,
    Started,
    StartOrder,
    Voided,
)
from ..ports.work import Begin, Reading
from ..secrets.resolve_secrets import NO_SECRETS, Resolved, ResolveSecretsCommand
from .append_output import Appended, AppendOutputCommand, FencedChunk
from .assign_jobs import AssignJobsCommand, Assignment
from .drive import Drive
from .renew_attempts import Renewal, RenewAttemptsCommand
from .report_outcomes import Counted, Fact, FencedFact, ReportOutcomesCommand

BATCH = 100
"""Claims in one transaction: enough to pay for the commit, few enough to leave work for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteJobsCommand:
    """One turn: `claim` new jobs, `look` at the books first, then wait up to `timeout` seconds for events."""

    drive: Drive
    claim: bool
    look: bool
    timeout: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What the turn did: how many attempts it ordered, how many ended, how many the host says began or voided."""

    started: int
    ended: int
    began: int = 0
    voided: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookkeeping:
    """How it is written down what a host says: output, facts, and that it was heard of."""

    append: UseCase[AppendOutputCommand, list[Appended]]
    report: UseCase[ReportOutcomesCommand, list[Counted]]
    renew: UseCase[RenewAttemptsCommand, list[AttemptRef]]


class ExecuteJobs:
    """Takes one turn at driving a runner; its caller takes the next."""

    def __init__(
        self,
        host: Host,
        read: Begin[Reading],
        assign: UseCase[AssignJobsCommand, list[Assignment]],
        resolve: UseCase[ResolveSecretsCommand, dict[AttemptRef, Resolved]],
        bookkeeping: Bookkeeping,
    ) -> None:
        self._host = host
        self._read = read
        self._assign = assign
        self._resolve = resolve
        self._bookkeeping = bookkeeping

    def execute(self, command: ExecuteJobsCommand) -> Turn:
        """The turn. After `HostUnreachable` or a failing store, clear `drive.fences` and look again."""
        drive = command.drive
        if command.look:
            self._look(drive)
        started = self._start(drive) if command.claim else 0
        events = self._host.events(0 if started >= BATCH else command.timeout)
        ended = self._store(drive, events)
        began = sum(isinstance(event, Started) for event in events)
        return Turn(started, ended, began, sum(isinstance(event, Voided) for event in events))

    def _look(self, drive: Drive) -> None:
        """Follow what lives and is not followed, have the host forget what has ended, pass on wishes."""
        held = self._host.held()
        with self._read() as reading:
            # Taken over, these fences are another driver's: to learn them would be to get past them.
            drive.runner = reading.runners.get(drive.runner.id).runner.driven_under(drive.epoch)
            live = {job.ref: job for job in reading.jobs.live_on(drive.runner.id)}
            lost_sight_of = [ref for ref in live if drive.fences.get(ref) != live[ref].fence]
            resumes = [Resume(ref, reading.logs.stored(ref)) for ref in lost_sight_of]
        self._drop(drive, [ref for ref in held | drive.fences.keys() if ref not in live])
        drive.fences |= {ref: live[ref].fence for ref in lost_sight_of}
        self._host.resume(resumes)
        unsure = drive.stopped.union(lost_sight_of)
        wishes = [(job, _wish(job, may_stand_still=ref in unsure)) for ref, job in live.items()]
        self._host.signal([AttemptSignal(job.ref, wish, job.version) for job, wish in wishes if wish])
        drive.stopped = {job.ref for job, wish in wishes if wish is SignalKind.PAUSE}
        self._renew_leases([Renewal(ref, job.fence) for ref, job in live.items() if job.current.lease and ref in held])

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

    def _start(self, drive: Drive) -> int:
        most = min(drive.free, BATCH)
        if not most:
            return 0
        hello = self._host.hello()
        assigned = self._assign.execute(
            AssignJobsCommand(
                runner_id=drive.runner.id, epoch=drive.epoch, hello=hello, most=most, claiming=drive.claiming
            )
        )
        drive.fences |= {item.job.ref: item.job.fence for item in assigned}
        self._hand_over(drive, hello, assigned)
        return len(assigned)

    def _hand_over(self, drive: Drive, hello: Hello, assigned: Sequence[Assignment]) -> None:
        """Start them; one whose secrets cannot be had never reaches the host, and has failed to start."""
        needy = {item.job.ref: item.spec for item in assigned if item.spec.secret_names}
        resolved = self._resolve.execute(ResolveSecretsCommand(attempts=needy)) if needy else {}
        orders = [(item.job.ref, _order(item, resolved.get(item.job.ref, NO_SECRETS))) for item in assigned]
        failed = [Ended(ref, _without(each.refused)) for ref, each in resolved.items() if each.refused]
        without = {event.ref for event in failed}
        self._host.start(hello, [order for ref, order in orders if ref not in without])
        self._store(drive, failed)

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
            ref, job = answer.fact.ref, answer.job
            if answer.refused is not None or job is None:
                continue
            if job.live and job.ref == ref:
                if isinstance(answer.fact, Ended):
                    raise HostUnreachable(f"{ref} ended before all its output came; it is collected again")
                continue
            size = answer.fact.outcome.log_size if isinstance(answer.fact, Ended) else None
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


def _wish(job: Job, *, may_stand_still: bool) -> SignalKind | None:
    """What the host is to do with it, as far as it may not have heard."""
    if job.cancel_requested:
        return SignalKind.CANCEL
    if job.state is JobState.PAUSED:
        return SignalKind.PAUSE
    return SignalKind.RESUME if may_stand_still and job.state is JobState.RUNNING else None


def _without(refusal: RunyardError) -> Outcome:
    return Outcome(ending=Ending.START_FAILED, message=str(refusal), tree_empty=True, log_size=0)


def _order(assigned: Assignment, resolved: Resolved) -> StartOrder:
    spec = assigned.spec
    return StartOrder(
        ref=assigned.job.ref,
        command=spec.command,
        env=spec.env,
        secrets=resolved.secrets,
        secret_files=resolved.files,
        cwd=spec.cwd,
        stdin=spec.stdin,
        run_timeout=spec.run_timeout,
        total_timeout=assigned.seconds_left,
        grace_period=spec.grace_period,
        log_limit=spec.log_limit,
        deadman=assigned.deadman,
    )
