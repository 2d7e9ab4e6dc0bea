"""Assign jobs: claim for a runner what it has slots for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ...domain.accounts.tokens import TokenText
from ...domain.jobs.access import ATTEMPT_PREFIX, AttemptToken, JobAccess
from ...domain.jobs.ids import JobId
from ...domain.jobs.job import Job
from ...domain.jobs.leases import USUAL, Deadman, LeaseTerms
from ...domain.jobs.queues import held_back
from ...domain.jobs.spec import JobSpec
from ...domain.limits.limits import NO_LIMITS, LimitsInForce, UsualLimits
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner, RunnerKind
from ..limits.running_limits import RunningLimits
from ..ports.accounts import TokenTexts
from ..ports.executor import Hello
from ..ports.jobs import Change
from ..ports.work import AssignWork, Begin
from .claiming import Claiming


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignJobsCommand:
    """Claim at most `most` jobs for the runner, as the driver of this epoch.

    `hello` must have been received before the call: it is what allows arming in the same transaction. `claiming` is
    what the claimer remembers; it is brought up to date.
    """

    runner_id: RunnerId
    epoch: int
    hello: Hello
    most: int
    claiming: Claiming = field(default_factory=Claiming)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A claimed and armed job with what to run, and how many seconds it may still take in all.

    `deadman` is what its host is to do if it hears of nobody, if the attempt has a lease. `kind` is that of the runner;
    `token` what the attempt may show here, if its job asked for access.
    """

    job: Job
    spec: JobSpec
    kind: RunnerKind
    seconds_left: float | None
    deadman: Deadman | None = None
    token: TokenText | None = None


class AssignJobs:
    """Claims queued jobs, each for exactly one runner: owners by what they have been given, their jobs by rank.

    Never more of a project or an owner than its limit lets run, whoever claims at the same time.
    """

    def __init__(
        self,
        begin: Begin[AssignWork],
        texts: TokenTexts,
        terms: LeaseTerms = USUAL,
        usual: UsualLimits = NO_LIMITS,
    ) -> None:
        self._begin = begin
        self._texts = texts
        self._terms = terms
        self._usual = usual

    def execute(self, command: AssignJobsCommand) -> list[Assignment]:
        """What was assigned; empty when nothing waits, no slot is free or the runner is closed. `DriverLost` after a
        takeover.
        """
        claiming = command.claiming
        with self._begin() as work:
            runner, begun = work.runners.lock(command.runner_id).driven_under(command.epoch), work.now()
            wanted = min(runner.slots - work.reading.count_live_on(runner.id), command.most)
            if wanted <= 0 or not runner.takes_work(begun):
                return []
            if not claiming.knows_lanes(begun):
                claiming.learn_lanes(work.reading.lanes())
            if not claiming.knows_limits(begun):
                claiming.learn_limits(LimitsInForce.of(work.limits.all(), self._usual), begun)
            order = claiming.order(runner, held_back(work.queues.all(), begun))
            limits = RunningLimits(work, claiming.limits, order)
            begun = work.now() if limits.counted else begun  # whoever waits for others does not walk slowly
            taken = limits.take(claiming.shares(limits.open(order), wanted, begun), wanted)
            now = work.now()
            claiming.walked(limits.open(order), taken, wanted=wanted, begun=begun, now=now)
            if not taken:
                return []
            specs = work.reading.specs([job.id for job in taken])
            armed = [self._armed(job, specs[job.id], runner, command.hello, now) for job in taken]
            work.jobs.save_all([Change(before, after) for before, after in zip(taken, armed, strict=True)])
            live = [job for job in armed if job.live]
            tokens = self._tokens(work, live, specs)
            work.commit()
        claiming.started(order, taken, wanted=wanted)
        return [self._assignment(job, specs[job.id], runner, now, tokens.get(job.id)) for job in live]

    def _armed(self, job: Job, spec: JobSpec, runner: Runner, hello: Hello, now: datetime) -> Job:
        """Claimed and armed, unless its time is over."""
        awake = job.woken(now=now)
        if awake.finished:
            return job if job.concurrency else awake  # a key is locked before its jobs, so the sweep ends this one
        lease = self._terms.lease(runner.kind, lost_after=spec.lost_after, grace=spec.grace_period)
        return awake.claimed_by(runner.id, now=now, lease=lease).armed(hello.boot_id, now=now)

    def _tokens(self, work: AssignWork, jobs: list[Job], specs: Mapping[JobId, JobSpec]) -> dict[JobId, TokenText]:
        """One for each attempt whose job asked for it; what is kept of them is stored with the attempts."""
        wanted = [job for job in jobs if specs[job.id].access is not JobAccess.NONE]
        texts = {job.id: replace(self._texts.made(), prefix=ATTEMPT_PREFIX) for job in wanted}
        if texts:
            tokens = [AttemptToken(texts[job.id].id, job.ref, texts[job.id].hash) for job in wanted]
            work.attempt_tokens.add_all(tokens)
        return texts

    def _assignment(
        self, job: Job, spec: JobSpec, runner: Runner, now: datetime, token: TokenText | None
    ) -> Assignment:
        lease = job.current.lease
        deadman = None if lease is None else self._terms.deadman(lease, grace=spec.grace_period)
        return Assignment(job, spec, runner.kind, _seconds_left(job, now), deadman, token)


def _seconds_left(job: Job, now: datetime) -> float | None:
    end_by = job.deadlines.end_by
    return None if end_by is None else (end_by - now).total_seconds()
