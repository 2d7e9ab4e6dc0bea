"""The books, from afar: the use cases that a driver needs, answered by the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

from ...application.jobs.append_output import Appended, AppendOutputCommand, FencedChunk
from ...application.jobs.assign_jobs import AssignJobsCommand
from ...application.jobs.execute_jobs import Bookkeeping
from ...application.jobs.follow_attempts import FollowAttemptsCommand, Followed, LiveAttempt
from ...application.jobs.hand_out_jobs import HandedOut
from ...application.jobs.renew_attempts import RenewAttemptsCommand
from ...application.jobs.report_outcomes import Fact, FactAnswer, ReportOutcomesCommand
from ...application.ports.executor import Ended, StartOrder, Voided
from ...application.runners.adopt_runner import Adopted, AdoptRunnerCommand, Pace
from ...application.runners.release_driver import ReleaseDriverCommand
from ...application.runners.renew_driver import RenewDriverCommand
from ...domain.errors import RunyardError
from ...domain.jobs.access import TOKEN_VARIABLE
from ...domain.jobs.attempt import Ending
from ...domain.jobs.errors import LogGap, StaleAttempt
from ...domain.jobs.ids import AttemptRef, JobId
from ...domain.jobs.leases import Deadman
from ...domain.jobs.limits import LogLimit, LogPolicy
from ...domain.runners.ids import DriverId, RunnerId
from ...domain.runners.runner import DriverLease, Runner, RunnerKind
from ..records import MEDIA_TYPE, encoded
from .door import Refused, ServerDoor
from .look import Preflight
from .session import Session
from .telling import facts_body, report_body, requests_of, spoken_body

_MOST_BYTES: Final = 1 << 20
_LONGEST_WHY: Final = 500
_QUIET_SECONDS: Final = 60.0
"""Whoever waited for work within this long was heard of."""


class Remote:
    """Says everything through one door, under one session."""

    def __init__(self, door: ServerDoor, session: Session, preflight: Preflight) -> None:
        self._door, self._session, self._preflight = door, session, preflight

    @property
    def bookkeeping(self) -> Bookkeeping:
        """What `ExecuteJobs` is given."""
        return Bookkeeping(
            follow=Asked(self._follow),
            hand_out=Asked(self._hand_out),
            append=Asked(self._append),
            report=Asked(self._report),
            renew=Asked(self._renew_attempts),
        )

    def adopt(self, command: AdoptRunnerCommand) -> Adopted:
        """Begin a session."""
        body = {"driver": command.driver_id, "facts": facts_body(self._preflight.facts()), "protocol": spoken_body()}
        try:
            told = self._door.says("session", body)
        except RunyardError as refusal:
            self._session.trouble = str(refusal)
            raise
        self._session.opened(told["epoch"], told["runner"]["name"])
        pace = told["pace"] and Pace(**told["pace"])
        runner = _runner(told["runner"], command.driver_id, told["epoch"])
        return Adopted(runner, told["attempts"], told["heartbeat"], pace)

    def room(self) -> dict[str, Any]:
        """What is free on the machine, and why nothing is taken there, if nothing is, as it was found last."""
        refuses = self._preflight.wrong or self._session.refuses
        return {**self._preflight.room_body(), **({"refuses": refuses[:_LONGEST_WHY]} if refuses else {})}

    def looked_over(self) -> dict[str, Any]:
        """The same after a look."""
        self._preflight.passes()
        return self.room()

    def renew_driver(self, command: RenewDriverCommand) -> Runner | None:
        """Say that we are here, if that was not heard anyway."""
        self._session.gives_back = command.refuses
        if monotonic() - self._session.heard_at > _QUIET_SECONDS:
            self._sync()
        return None

    def release(self, command: ReleaseDriverCommand) -> None:
        """End the session."""
        self._door.leave(command.epoch)

    def _sync(self, **asked: Any) -> Any:
        said = self._door.says("sync", {"epoch": self._session.epoch, "room": self.room(), **asked})
        self._session.heard()
        return said

    def _follow(self, command: FollowAttemptsCommand) -> Followed:
        known = [{"job": ref.job_id, "attempt": ref.number, "fence": fence} for ref, fence in command.known.items()]
        said = self._sync(known=known)
        live = {each.ref: each for each in map(_live, said["attempts"])}
        self._session.follows(live)
        return Followed(_runner(said["runner"], DriverId("self"), command.epoch), live)

    def _hand_out(self, command: AssignJobsCommand) -> list[HandedOut]:
        try:
            most = self._session.may_take(command.most) if self._preflight.passes() else 0
            if not most:
                return []
            host = {"boot_id": command.hello.boot_id, "containment": command.hello.containment}
            way_back = self._door.way_back
            taken = [_handed_out(each, way_back) for each in self._sync(take=most, host=host)["taken"]]
            self._session.took(each.ref for each in taken)
            return taken
        finally:
            self._session.claimed.set()

    def _renew_attempts(self, command: RenewAttemptsCommand) -> list[AttemptRef]:
        alive = [{"job": each.ref.job_id, "attempt": each.ref.number, "fence": each.fence} for each in command.renewals]
        return [_ref(each) for each in self._sync(alive=alive)["renewed"]]

    def _append(self, command: AppendOutputCommand) -> list[Appended]:
        """Behind what was refused nothing of the same attempt is sent."""
        answers: list[Appended] = []
        refused: dict[AttemptRef, RunyardError] = {}
        for each in command.chunks:
            ref = each.chunk.ref
            answer = Appended(ref, 0, refused[ref]) if ref in refused else self._sent(each)
            if answer.refused is not None:
                refused[ref] = answer.refused
            answers.append(answer)
        return answers

    def _sent(self, fenced: FencedChunk) -> Appended:
        chunk, stored = fenced.chunk, 0
        ref, offset = chunk.ref, chunk.offset
        name = f"{ref.job_id}.{ref.number}.{fenced.fence}"
        try:
            while offset < chunk.end:
                part = _cut(chunk.since(offset).records)
                stored = self._door.sends(f"attempts/{name}/log", encoded(part), MEDIA_TYPE, offset=offset)["stored"]
                offset += sum(len(record.data) for record in part)
        except Refused as refused:
            return Appended(ref, stored, _of_output(refused, ref))
        return Appended(ref, stored)

    def _report(self, command: ReportOutcomesCommand) -> Sequence[FactAnswer]:
        said = [told for part in requests_of(map(report_body, command.facts)) for told in self._told(part)]
        answers = [_Answer.of(each.fact, told) for each, told in zip(command.facts, said, strict=True)]
        for answer in answers:
            if answer.over or answer.refused is not None:
                self._session.over(answer.fact.ref, started=not _failed_to_start(answer.fact))
        return answers

    def _told(self, reports: Sequence[Mapping[str, Any]]) -> Any:
        return self._door.says("reports", {"reports": reports})["items"]


class Asked:
    """A use case that is a function."""

    def __init__(self, ask: Any) -> None:
        self._ask = ask

    def execute(self, command: Any, /) -> Any:
        """What the server answers."""
        return self._ask(command)


@dataclass(frozen=True, slots=True)
class _Answer:
    fact: Fact
    over: bool
    refused: RunyardError | None

    @classmethod
    def of(cls, fact: Fact, told: Mapping[str, Any]) -> "_Answer":
        refused = None
        if told["refused"] is not None:
            stale = told["refused"] == StaleAttempt.code
            refused = StaleAttempt(fact.ref) if stale else Refused(409, told["refused"], told["why"], {})
        return cls(fact, told["over"], refused)


def _failed_to_start(fact: Fact) -> bool:
    return isinstance(fact, Voided) or (isinstance(fact, Ended) and fact.outcome.ending is Ending.START_FAILED)


def _of_output(refused: Refused, ref: AttemptRef) -> RunyardError:
    if refused.of == LogGap.code:
        return LogGap(ref, int(refused.headers.get("Runyard-Stored", "0")))
    return StaleAttempt(ref) if refused.of == StaleAttempt.code else refused


def _cut(records: Sequence[Any]) -> list[Any]:
    """As many of them as fit into one request, and at least one."""
    part: list[Any] = []
    size = 0
    for record in records:
        if part and size + len(record.data) > _MOST_BYTES:
            break
        part.append(record)
        size += len(record.data)
    return part


def _runner(told: Mapping[str, Any], driver_id: DriverId, epoch: int) -> Runner:
    now = datetime.now(UTC)
    lease = DriverLease(driver_id=driver_id, epoch=epoch, until=now + timedelta(minutes=1), since=now, heard_at=now)
    return Runner(id=RunnerId(told["id"]), name=told["name"], kind=RunnerKind.AGENT, slots=told["slots"], driver=lease)


def _ref(told: Mapping[str, Any]) -> AttemptRef:
    return AttemptRef(JobId(told["job"]), told["attempt"])


def _live(told: Mapping[str, Any]) -> LiveAttempt:
    return LiveAttempt(
        ref=_ref(told),
        fence=told["fence"],
        version=told["number"],
        stored=told["stored"],
        cancel=told["cancel"],
        paused=told["paused"],
        running=told["running"],
        leased=told["leased"],
    )


def _handed_out(told: Mapping[str, Any], way_back: Mapping[str, str]) -> HandedOut:
    """What is told, with how a job that may call reaches the server from here, unless it was told that."""
    ref, order = _ref(told), told["order"]
    if order is None:
        return HandedOut(ref, told["fence"], None, told["why"])
    command, limit = order["command"], order["log_limit"]
    known: dict[str, Any] = {
        name: order[name]
        for name in ("env", "secrets", "secret_files", "cwd", "stdin", "run_timeout", "total_timeout", "grace_period")
    }
    if TOKEN_VARIABLE in known["secrets"]:
        known["env"] = {**way_back, **known["env"]}
    started = StartOrder(
        ref=ref,
        command=command if isinstance(command, str) else tuple(command),
        log_limit=LogLimit(bytes=limit["bytes"], policy=LogPolicy(limit["policy"])),
        deadman=order["deadman"] and Deadman(**order["deadman"]),
        **known,
    )
    return HandedOut(ref, told["fence"], started)
