"""A process that drives runners: small tasks, each acting on what it knew when it was made.

A stopped process wakes with its old knowledge; a killed one leaves everything as it was.
"""

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from runyard.domain.errors import RunyardError
from runyard.domain.jobs.ids import AttemptRef
from runyard.domain.runners.ids import RunnerId

from .books import Books, Live
from .database import Away, Database, Transaction
from .messages import Cancel, Facts, Forget, Hello, Letter, Network, Poll, Renewed, Start, Trim, Void, Welcome
from .rules import GIVE_UP, HEARTBEAT, POLL, RPC_TIMEOUT, Rules

R = TypeVar("R")


@dataclass(frozen=True)
class Sleep:
    seconds: float = 0.0


@dataclass(frozen=True)
class Ask:
    message: Any


Steps = Generator[Sleep | Ask, Any, None]


@dataclass
class Task:
    steps: Steps
    host: str
    due: float = 0.0
    request: int | None = None
    answer: Any = None


@dataclass
class Driver:
    """One server process. `up` counts its incarnations; answers to an earlier one are not taken."""

    name: str
    rules: Rules
    database: Database
    network: Network
    books: Books
    work: dict[Any, tuple[int, int]]
    runners: tuple[RunnerId, ...] = ()
    up: int = 0
    now: float = 0.0
    stopped: bool = False
    tasks: list[Task] = field(default_factory=list)
    starting: set[AttemptRef] = field(default_factory=set)
    asked: int = 0

    # --- the process ---

    def begin(self) -> None:
        self.up, self.starting = self.up + 1, set()
        self.tasks = [Task(self._sweeping(), ""), *(Task(self._driving(host), str(host)) for host in self.runners)]

    def die(self) -> None:
        self.tasks = []

    def tick(self, now: float) -> None:
        self.now = now
        for task in list(self.tasks):
            if self.stopped or task not in self.tasks:
                continue
            if task.due <= now or (task.request is not None and task.answer is not None):
                self._step(task)

    def receive(self, letter: Letter) -> None:
        for task in self.tasks:
            if letter.request == (f"{self.name}/{self.up}", task.request):
                task.answer = letter.message

    def _step(self, task: Task) -> None:
        answer, task.answer, task.request = task.answer, None, None
        try:
            wish = task.steps.send(answer)
        except StopIteration:
            self.tasks.remove(task)
            return
        if isinstance(wish, Sleep):
            task.due = self.now + wish.seconds
            return
        self.asked += 1
        task.request, task.due = self.asked, self.now + RPC_TIMEOUT
        self.network.send(self.now, self.name, task.host, wish.message, (f"{self.name}/{self.up}", self.asked))

    def _say(self, host: str, message: Any) -> None:
        self.network.send(self.now, self.name, host, message)

    def _run(self, work: Callable[[Transaction], R]) -> R:
        return self.database.run(self.name, work)

    # --- its tasks ---

    def _sweeping(self) -> Steps:
        yield Sleep()
        while True:
            with suppress(Away, RunyardError):
                self._run(self.books.sweep)
            yield Sleep(1)

    def _driving(self, runner: RunnerId) -> Steps:
        yield Sleep()
        while True:
            try:
                epoch = self._run(partial(self.books.take_over, runner_id=runner, driver=self.name))
                yield Sleep(1)
                if not self.rules.one_takeover:
                    self._run(partial(self.books.adopt, runner_id=runner))
                rows = self._run(partial(self.books.rows, runner_id=runner))
            except (Away, RunyardError):
                yield Sleep(2)
                continue
            yield from self._following(runner, epoch, rows)

    def _following(self, runner: RunnerId, epoch: int, rows: dict[AttemptRef, Live]) -> Steps:
        """Until the runner is somebody else's, or its host does not answer."""
        heard = beaten = self.now
        while True:
            try:
                if self.now - beaten >= HEARTBEAT:
                    self._run(partial(self.books.heartbeat, runner_id=runner, epoch=epoch))
                    beaten = self.now
                fresh = self._run(partial(self.books.rows, runner_id=runner))
                rows = fresh if self.rules.reconcile else {ref: fresh[ref] for ref in rows if ref in fresh}
            except Away:
                pass
            except RunyardError:
                return
            answer = yield Ask(Poll({ref: row.stored for ref, row in rows.items()}))
            if isinstance(answer, Facts):
                heard = self.now
                yield from self._collected(runner, answer, rows)
                claimed = self._claim(runner, epoch)
                if claimed is not None:
                    rows[claimed[0]] = claimed[1]
            elif self.now - heard > GIVE_UP and self.rules.give_up:
                yield from self._handing_back(runner, epoch)
                return
            yield Sleep(POLL - 3)

    def _handing_back(self, runner: RunnerId, epoch: int) -> Steps:
        with suppress(Away, RunyardError):
            self._run(partial(self.books.heartbeat, runner_id=runner, epoch=epoch, seconds=0))
        yield Sleep(GIVE_UP)

    def _collected(self, runner: RunnerId, answer: Facts, rows: dict[AttemptRef, Live]) -> Steps:
        """Write facts, then acknowledge them; resolve what the host knows nothing of."""
        host, fences = str(runner), {ref: row.fence for ref, row in rows.items()}
        if not self.rules.offset_commit:
            self._acknowledge(host, answer, [(ref, fact.offset + len(fact.data)) for ref, fact in answer.facts.items()])
        if not self.rules.renew_first:
            self._acknowledge(host, answer, [(ref, 0) for ref in answer.facts])
        yield Sleep(1)
        try:
            counted = self._run(partial(self.books.report, answer=answer, fences=fences))
            over = self._run(partial(self.books.over, refs=answer.held))
        except Away:
            return
        yield Sleep(1)
        self._acknowledge(host, answer, counted)
        for ref in over:
            self._say(host, Forget(ref))
        for ref, row in rows.items():
            if row.cancelling:
                self._say(host, Cancel(ref))
            if ref in answer.facts and answer.facts[ref].kind == "absent" and ref not in self.starting:
                yield from self._resolving(runner, ref, row, answer)

    def _acknowledge(self, host: str, answer: Facts, counted: list[tuple[AttemptRef, int]]) -> None:
        for ref, offset in counted:
            self._say(host, Renewed(ref, answer.boot, answer.stamp))
            self._say(host, Trim(ref, offset))

    def _resolving(self, runner: RunnerId, ref: AttemptRef, row: Live, answer: Facts) -> Steps:
        """Unarmed: nobody may start it once it is given back. Armed: only the host can say it never will."""
        facts: Facts | None = None
        if row.armed and self.rules.void:
            said = yield Ask(Void(ref))
            facts = said if isinstance(said, Facts) else None
        try:
            if not row.armed:
                self._run(partial(self.books.give_back, ref=ref, fence=row.fence))
            elif not self.rules.void:
                self._run(partial(self.books.void, ref=ref, fence=row.fence, boot=answer.boot))
            elif facts:
                self._run(partial(self.books.report, answer=facts, fences={ref: row.fence}))
        except (Away, RunyardError):
            pass

    def _claim(self, runner: RunnerId, epoch: int) -> tuple[AttemptRef, Live] | None:
        try:
            job = self._run(partial(self.books.claim, runner_id=runner, epoch=epoch))
        except (Away, RunyardError):
            return None
        if job is None:
            return None
        self.starting.add(job.ref)
        self.tasks.append(Task(self._starting(runner, job.ref, job.fence), str(runner), due=self.now + 1))
        return job.ref, Live(job.fence, armed=False, cancelling=False, stored=0)

    def _starting(self, runner: RunnerId, ref: AttemptRef, fence: int) -> Steps:
        """Hello, arm, start: a step each, and anything may happen in between."""
        try:
            welcome = yield Ask(Hello())
            if not isinstance(welcome, Welcome):
                return
            yield Sleep(1)
            if self.rules.arm:
                self._run(partial(self.books.arm, ref=ref, fence=fence, boot=welcome.boot))
            yield Sleep(1)
            duration, code = self.work[ref.job_id]
            self._say(str(runner), Start(ref, fence, welcome, duration, code))
            yield Sleep(2)
        except (Away, RunyardError):
            pass
        finally:
            self.starting.discard(ref)
