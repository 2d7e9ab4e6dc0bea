"""What a simulated host keeps of one attempt: the directory of the real one, with the tree that belongs to it."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from math import inf
from typing import Final

from ...application.ports.executor import SignalKind, StartOrder
from ...domain.jobs.attempt import Ending, Outcome
from ...domain.jobs.ids import AttemptRef
from ...domain.jobs.leases import Deadman
from ...domain.jobs.limits import LogPolicy
from ...domain.jobs.log import LogChunk, LogRecord, Stream
from .masking import MemoryMasks
from .scripted import KILL, TERM, Die, Exit, Process, Program, Say

_BOOTED: Final = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


class Kept(Enum):
    """The owner record, and what followed it."""

    STARTED = "started"
    VOID = "void"
    RECORDED = "recorded"
    BROKEN = "broken"


class Directory:
    """One attempt. Made as started or void, by whoever comes first, and never anything else after."""

    def __init__(self, ref: AttemptRef, boot_id: str, *, now: float) -> None:
        self.ref = ref
        self.boot_id = boot_id
        self.created_at = now
        self.kept = Kept.VOID
        self.outcome: Outcome | None = None
        self.why_broken = ""
        self.reports: list[Say] = []
        self.forgotten = False
        self.forgotten_at = 0.0
        self.began = False
        self.process: Process | None = None
        self._chunks: list[LogChunk] = []
        self._size = 0
        self._now = now
        self._ending: Ending | None = None
        self._timeout_at = self._total_at = self._kill_at = self._left = inf
        self._heard = now
        self._obeyed = 0
        self._order = StartOrder(ref=ref, command=("void",))
        self._masks = MemoryMasks(())

    def start(self, order: StartOrder, program: Program | None, *, stamp: float) -> None:
        """The owner record, then the process, or the outcome that says why there is none."""
        self.kept, self._order, self._heard = Kept.STARTED, order, stamp
        self._masks = MemoryMasks([*order.secrets.values(), *order.secret_files.values()])
        if program is None:
            self._record(Outcome(ending=Ending.START_FAILED, message=f"no such program: {order.command[0]}"))
            return
        self.process, self.began = Process(program, order.stdin, now=self._now), True
        if order.run_timeout is not None:
            self._timeout_at = self._now + order.run_timeout
        if order.total_timeout is not None:
            self._total_at = self._now + order.total_timeout

    @property
    def next_at(self) -> float:
        """When something happens here by itself."""
        if self.process is None or self.kept is not Kept.STARTED:
            return inf
        return min(self.process.next_at, self._timeout_at, self._total_at, self._kill_at, *self._alone)

    def run_until(self, now: float) -> None:
        """Let everything happen that is due by then, in its order."""
        while self.process is not None and self.kept is Kept.STARTED and self.next_at <= now:
            self._now = max(self._now, self.next_at)
            term_at, kill_at = self._alone
            if kill_at <= self._now:
                self._ending = self._ending or Ending.DEADMAN
                self.process.signal(KILL)
            elif self._kill_at <= self._now:
                self.process.signal(KILL)
            elif term_at <= self._now:
                self._end(Ending.DEADMAN)
            elif min(self._timeout_at, self._total_at) <= self._now:
                self._timeout_at = self._total_at = inf
                self._end(Ending.TIMEOUT)
            else:
                self.process.step(self)
            self._notice_the_end()
        self._now = max(self._now, now)

    def renewed(self, stamp: float) -> None:
        """Its lease was renewed after that stamp; what has to be dead by now stays so."""
        self.run_until(self._now)
        if self._heard <= stamp <= self._now < self._heard + self._deadman.kill_after:
            self._heard = stamp

    @property
    def _deadman(self) -> Deadman:
        return self._order.deadman or Deadman(term_after=inf, kill_after=inf)

    @property
    def _alone(self) -> tuple[float, float]:
        """When it gets TERM, unless it is being ended, and KILL, because nobody was heard of."""
        ending = self._kill_at < inf
        return (inf if ending else self._heard + self._deadman.term_after, self._heard + self._deadman.kill_after)

    def wish(self, kind: SignalKind, number: int = 0) -> None:
        """Cancel, kill, pause or resume, if there is still something to do it to; pauses and resumes in their order."""
        if kind in (SignalKind.PAUSE, SignalKind.RESUME):
            if number < self._obeyed:
                return
            self._obeyed = number
        if self.process is None or self.kept is not Kept.STARTED:
            return
        if kind is SignalKind.CANCEL:
            self._end(None)
        elif kind is SignalKind.KILL:
            self.process.signal(KILL)
        elif kind is SignalKind.PAUSE:
            if self._ending is None and self._kill_at == inf and self.process.stop(self._now):
                self._timeout_at, self._left = inf, self._timeout_at - self._now
        else:
            self._go_on()
        self._notice_the_end()

    def break_off(self, why: str) -> None:
        """The supervisor is gone: what it left is killed, and nobody knows an outcome."""
        if self.kept is Kept.STARTED:
            self.kept, self.why_broken, self.process = Kept.BROKEN, why, None

    def output_from(self, offset: int) -> list[LogChunk]:
        """What is still here from `offset` on."""
        return [chunk.since(offset) for chunk in self._chunks if chunk.end > offset]

    @property
    def gone(self) -> int:
        """Output before this offset is not here any more."""
        return self._chunks[0].offset if self._chunks else self._size

    def trim(self, offset: int) -> None:
        """Drop output that is stored elsewhere."""
        self._chunks = [chunk for chunk in self._chunks if chunk.end > offset]

    def forget(self) -> None:
        """End the tree and drop all but the fact that there was an attempt."""
        if self.kept is Kept.STARTED:
            self.wish(SignalKind.KILL)
        self._chunks, self.reports = [], []
        self.forgotten, self.forgotten_at = True, self._now

    def wrote(self, stream: Stream, data: bytes) -> None:
        self._keep(stream, self._masks.shown(stream, data))

    def said(self, what: Say) -> None:
        self.reports.append(self._masks.said(what))

    def _keep(self, stream: Stream, data: bytes) -> None:
        limit = self._order.log_limit
        kept = data[: max(0, limit.bytes - self._size)]
        if kept:
            at = _BOOTED + timedelta(seconds=self._now)
            self._chunks.append(LogChunk(self.ref, self._size, (LogRecord(stream, at, kept),)))
            self._size += len(kept)
        if len(kept) < len(data) and limit.policy is LogPolicy.KILL:
            self._end(Ending.LOG_LIMIT)

    def _end(self, because: Ending | None) -> None:
        self._ending = self._ending or because
        self._go_on()
        if self.process is not None:
            self.process.signal(TERM)
        self._kill_at = min(self._kill_at, self._now + self._order.grace_period)

    def _go_on(self) -> None:
        if self.process is not None and self.process.go_on(self._now):
            self._timeout_at = self._now + self._left

    def _notice_the_end(self) -> None:
        match self.process.end if self.process else None:
            case Exit(code=code):
                self._record(Outcome(ending=self._ending or Ending.EXIT, exit_code=code))
            case Die(signal=number):
                self._record(Outcome(ending=self._ending or Ending.SIGNAL, signal=number))

    def _record(self, outcome: Outcome) -> None:
        for stream in (Stream.STDOUT, Stream.STDERR):
            self._keep(stream, self._masks.shown(stream, b"", last=True))
        self.kept, self.process = Kept.RECORDED, None
        self.outcome = Outcome(
            ending=outcome.ending,
            exit_code=outcome.exit_code,
            signal=outcome.signal,
            message=outcome.message,
            tree_empty=True,
            log_size=self._size,
            masked=self._masks.found,
        )
