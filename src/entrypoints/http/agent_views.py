"""What agents are told."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ...application.jobs.follow_attempts import LiveAttempt
from ...application.jobs.hand_out_jobs import HandedOut
from ...application.jobs.report_outcomes import FactAnswer
from ...application.ports.executor import StartOrder
from ...application.runners.adopt_runner import Adopted
from ...application.runners.exchange_pass import Exchanged
from ...domain.jobs.ids import AttemptRef
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.runner import Runner
from .spec_views import Moment


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class OwnRunnerView(_View):
    """The runner, as much of it as its machine needs to know."""

    id: str
    name: str
    slots: int
    availability: AvailabilityState

    @classmethod
    def of(cls, runner: Runner, now: datetime | None = None) -> Self:
        """As it is now."""
        state = runner.availability.state if now is None else runner.availability.at(now)
        return cls(id=runner.id, name=runner.name, slots=runner.slots, availability=state)


class RegisteredView(_View):
    """The token to come with from now on, shown once."""

    token: str
    expires_at: Moment
    runner: OwnRunnerView
    protocol: int

    @classmethod
    def of(cls, exchanged: Exchanged, protocol: int) -> Self:
        """The token and whose it is."""
        text, runner = exchanged.text.revealed, OwnRunnerView.of(exchanged.runner)
        return cls(token=text, expires_at=exchanged.expires_at, runner=runner, protocol=protocol)


class PaceView(_View):
    """How often to ask, in seconds, where nothing was heard."""

    claim: float
    look: float
    idle_look: float


class SessionView(_View):
    """The right to run the attempts of the runner, alone; it lasts as long as something is heard."""

    epoch: int
    runner: OwnRunnerView
    attempts: int = Field(description="How many live attempts go on under it.")
    heartbeat: float = Field(description="Say something at least so often, in seconds.")
    pace: PaceView | None
    protocol: int

    @classmethod
    def of(cls, adopted: Adopted, protocol: int) -> Self:
        """The session."""
        runner, pace = adopted.runner, adopted.pace
        return cls(
            epoch=runner.driver.epoch if runner.driver else 0,
            runner=OwnRunnerView.of(runner),
            attempts=adopted.attempts,
            heartbeat=adopted.heartbeat_seconds,
            pace=PaceView(claim=pace.claim, look=pace.look, idle_look=pace.idle_look) if pace else None,
            protocol=protocol,
        )


class RefView(_View):
    """An attempt."""

    job: str
    attempt: int

    @classmethod
    def at(cls, ref: AttemptRef) -> Self:
        """This one."""
        return cls(job=ref.job_id, attempt=ref.number)


class LiveView(RefView):
    """An attempt that lives, and what is wished of it: to end (`cancel`), to stand still, or to go on."""

    fence: int
    number: int = Field(description="Orders wishes: none is older than what was obeyed last.")
    stored: int | None = Field(description="How far its output is kept; null for what is followed already.")
    cancel: bool
    paused: bool
    running: bool
    leased: bool

    @classmethod
    def of(cls, live: LiveAttempt) -> Self:
        """The attempt."""
        return cls(
            job=live.ref.job_id,
            attempt=live.ref.number,
            fence=live.fence,
            number=live.version,
            stored=live.stored,
            cancel=live.cancel,
            paused=live.paused,
            running=live.running,
            leased=live.leased,
        )


class LogLimitView(_View):
    """How much of its output is kept, and what happens beyond."""

    bytes: int
    policy: str


class DeadmanView(_View):
    """When the machine ends it by itself: seconds after the last answer that renewed it was asked for."""

    term_after: float
    kill_after: float


class OrderView(_View):
    """What to run: an argv, or a text for the shell. `secrets` are variables, `secret_files` what files shall hold."""

    command: list[str] | str
    env: dict[str, str]
    secrets: dict[str, str]
    secret_files: dict[str, str]
    cwd: str | None
    stdin: str | None
    run_timeout: float | None
    total_timeout: float | None
    grace_period: float
    log_limit: LogLimitView
    deadman: DeadmanView | None

    @classmethod
    def of(cls, order: StartOrder) -> Self:
        """The order."""
        alone = order.deadman
        return cls(
            command=order.command if isinstance(order.command, str) else list(order.command),
            env=dict(order.env),
            secrets=dict(order.secrets),
            secret_files=dict(order.secret_files),
            cwd=order.cwd,
            stdin=order.stdin,
            run_timeout=order.run_timeout,
            total_timeout=order.total_timeout,
            grace_period=order.grace_period,
            log_limit=LogLimitView(bytes=order.log_limit.bytes, policy=order.log_limit.policy.value),
            deadman=DeadmanView(term_after=alone.term_after, kill_after=alone.kill_after) if alone else None,
        )


class HandedOutView(RefView):
    """An attempt that is this runner's now: how to start it, or why it cannot be, which the runner has to report."""

    fence: int
    order: OrderView | None
    why: str

    @classmethod
    def of(cls, handed_out: HandedOut) -> Self:
        """The attempt."""
        ref, order = handed_out.ref, handed_out.order
        return cls(
            job=ref.job_id,
            attempt=ref.number,
            fence=handed_out.fence,
            order=OrderView.of(order) if order else None,
            why=handed_out.why,
        )


class SyncView(_View):
    """The answers, each to a part of the question."""

    ready: bool = Field(description="Something waits that this runner may take.")
    asked: bool = Field(description="Something about this runner or its attempts has changed.")
    runner: OwnRunnerView
    attempts: list[LiveView] | None = Field(description="All that lives here; what is not among it has to end.")
    taken: list[HandedOutView]
    renewed: list[RefView] = Field(description="The attempts whose lease lasts anew.")


class AnswerView(RefView):
    """What became of a report. `over`: it counted, and the attempt may be forgotten."""

    over: bool
    refused: str | None = Field(description="The code of why it does not count.")
    why: str | None

    @classmethod
    def of(cls, answer: FactAnswer) -> Self:
        """The answer."""
        ref, refused = answer.fact.ref, answer.refused
        return cls(
            job=ref.job_id,
            attempt=ref.number,
            over=answer.over,
            refused=None if refused is None else refused.code,
            why=None if refused is None else str(refused),
        )


class AnswersView(_View):
    """An answer for each report, in the order given."""

    items: list[AnswerView]


class StoredView(_View):
    """How far the output is kept."""

    stored: int
