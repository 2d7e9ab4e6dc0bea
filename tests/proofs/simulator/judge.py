"""Who sees everything: the store at each commit, the hosts at each start, and what callers were told."""

from collections.abc import Callable
from datetime import datetime

from runyard.adapters.memory.directory import Kept
from runyard.adapters.memory.host import MemoryHost
from runyard.adapters.memory.state import State
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.log import joined
from runyard.domain.jobs.states import JobState
from runyard.domain.observability.book import JobBook, StoredLog
from tests.proofs.invariants import Broken, Seen, check

from .load import SEATS, asked, written


class Judge:
    """Raises `Broken` at the first promise that does not hold."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._before = State()
        self._turned_away: set[str] = set()
        self._started: dict[AttemptRef, str] = {}
        self._looked: dict[int, int] = {}
        self._cancelled: set[JobId] = set()
        self.acknowledged: dict[str, JobId] = {}

    def committed(self, state: State) -> None:
        """I1 to I6, I8 and G5 between the last commit and this one, for every job that changed."""
        changed = [job_id for job_id, job in state.jobs.items() if self._before.jobs.get(job_id) is not job]
        logs = {ref.job_id for ref, chunks in state.logs.items() if self._before.logs.get(ref) is not chunks}
        ids = sorted(logs.union(changed))
        lost = self._before.jobs.keys() - state.jobs.keys()
        if lost:
            raise Broken(f"I1: {sorted(lost)} are gone")
        check(_part(state, ids), _part(self._before, [job_id for job_id in ids if job_id in self._before.jobs]))
        for job in (state.jobs[job_id] for job_id in ids):
            self._seats(state, job)
            if job.live and not job.current.log_complete:
                raise Broken(f"G8: output of {job.ref} was acknowledged and is not stored")
            before = self._before.jobs.get(job.id)
            if job.live and not (before and before.live):
                self._claim(state, job)
        self._before = state

    def _claim(self, state: State, job: Job) -> None:
        """Nothing is claimed from a queue that is paused, or for a runner that does not fit."""
        pause = state.pauses.get((state.specs[job.id].project, job.queue))
        if pause is not None and (pause.until is None or self._now() < pause.until):
            raise Broken(f"{job.id} was claimed from {job.queue}, which is paused")
        runner, wanted = state.runners[job.current.runner_id], state.specs[job.id].placement
        if wanted.runner not in {None, runner.name} or not wanted.labels.items() <= runner.labels.items():
            raise Broken(f"{job.id} was claimed for {runner.name}, and wants {wanted}")

    @staticmethod
    def _seats(state: State, job: Job) -> None:
        """I6: no more jobs of a key are under way than it has seats, and nobody waits beside a free one."""
        if job.concurrency is None:
            return
        key, line = job.concurrency.key, job.concurrency.line
        jobs = [each for each in state.jobs.values() if each.concurrency and each.concurrency.line == line]
        under_way = [each.id for each in jobs if each.seat is not None or each.live or each.state is JobState.QUEUED]
        waiting = [each.id for each in jobs if each.in_line]
        if len(under_way) > SEATS[key] or len({each.seat for each in jobs if each.seat is not None}) < len(under_way):
            raise Broken(f"I6: {under_way} are under way, and {key} has {SEATS[key]} seats")
        if waiting and len(under_way) < SEATS[key]:
            raise Broken(f"I6: {waiting} wait for {key}, which only {under_way} hold")

    def started(self, host: MemoryHost, hosts: list[MemoryHost]) -> list[AttemptRef]:
        """G2 and G3: an attempt starts once, a job that may start once does, no two trees of a job run at once."""
        new = host.starts[self._looked.get(id(host), 0) :]
        self._looked[id(host)] = len(host.starts)
        for each in hosts if new else ():
            each.run()  # a host that nobody reaches goes on all the same
        for ref in new:
            if ref in self._started:
                raise Broken(f"G2: {ref} started twice")
            job = self._before.jobs[ref.job_id]
            others = [known for known in self._started if known.job_id == ref.job_id]
            if others and job.on_lost is OnLost.FAIL and job.retry.max_attempts == 1:
                raise Broken(f"G3: {ref} started after {others}, and may start once")
            running = [known for each in hosts for known in _running(each) if known.job_id == ref.job_id]
            if len(running) > 1:
                raise Broken(f"G7: {running} run at once")
            self._overlap(job, hosts)
            self._started[ref] = job.id
        return new

    def _overlap(self, job: Job, hosts: list[MemoryHost]) -> None:
        """G10: no more trees of a key run at once than it has seats."""
        if job.concurrency is None:
            return
        key, line = job.concurrency.key, job.concurrency.line
        running = {known.job_id for each in hosts for known in _running(each)}
        same = [each for each in running if (of := self._before.jobs[each].concurrency) and of.line == line]
        if len(same) > SEATS[key]:
            raise Broken(f"G10: {sorted(same)} run at once under {key}")

    def answered(self, key: str, job_id: JobId) -> None:
        """G1: whoever repeats a submission hears of the same job."""
        if self.acknowledged.setdefault(key, job_id) != job_id:
            raise Broken(f"G1: {key} is {job_id} and {self.acknowledged[key]}")

    def turned_away(self, key: str) -> None:
        """Whoever is told that a key is busy has no job."""
        if key in self.acknowledged:
            raise Broken(f"G1: {key} is {self.acknowledged[key]}, and was turned away")
        self._turned_away.add(key)

    def cancelled(self, *job_ids: JobId) -> None:
        """G5 for all of them."""
        self._cancelled.update(job_ids)

    def cancel_answered(self, job: Job | None) -> None:
        """G5: whoever was told so is not disappointed."""
        if job is not None and (not job.finished or job.cancel_requested):
            self._cancelled.add(job.id)

    def ended(self) -> None:
        """When all faults are over: everything accepted is there, once, has ended, and says the truth."""
        state = self._before
        for key, job_id in self.acknowledged.items():
            if job_id not in state.jobs:
                raise Broken(f"G1: {key} was accepted as {job_id} and is gone")
        keys = [item.job_id for item in state.keys.values()]
        names = [spec.name for job_id, spec in state.specs.items() if spec.rerun_of is None]
        if len(names) != len(set(names)) or len(keys) != len(set(keys)) or set(keys) != set(state.jobs):
            raise Broken("G1: a submission became two jobs")
        if self._turned_away & state.keys.keys():
            raise Broken(f"G1: {sorted(self._turned_away & state.keys.keys())} were turned away and have jobs")
        for job in state.jobs.values():
            if not job.finished:
                raise Broken(f"G1: {job.id} never ended: {job}")
            if job.id in self._cancelled and job.state is not JobState.CANCELLED:
                raise Broken(f"G5: {job.id} was cancelled and ended {job.state}")
        self._exits_and_logs(state)

    @staticmethod
    def _exits_and_logs(state: State) -> None:
        for ref, attempt in state.attempts.items():
            outcome = attempt.outcome
            if outcome is None or outcome.ending is not Ending.EXIT:
                continue
            _, size, code = asked(state.specs[ref.job_id].command)
            if outcome.exit_code != code:
                raise Broken(f"G2: {ref} exited with {code}, the books say {outcome.exit_code}")
            log = b"".join(joined(chunk.records) for chunk in state.logs.get(ref, ()))
            if attempt.log_complete and log != written(ref, size):
                raise Broken(f"G8: the log of {ref} is not what it wrote")


def _part(state: State, ids: list[JobId]) -> Seen:
    books = {job_id: _book(state, state.jobs[job_id]) for job_id in ids}
    refs = [AttemptRef(job_id, attempt.number) for job_id, book in books.items() for attempt in book.attempts]
    return Seen(books, {ref: b"".join(joined(chunk.records) for chunk in state.logs.get(ref, ())) for ref in refs})


def _book(state: State, job: Job) -> JobBook:
    """What `MemoryBooks` would tell, without a look at all the other jobs."""
    key = job.concurrency.line if job.concurrency else None
    refs = [AttemptRef(job.id, number) for number in range(1, (job.attempt.number if job.attempt else 0) + 1)]
    stored = {ref: state.logs[ref] for ref in refs if state.logs.get(ref)}
    return JobBook(
        job=job,
        named=job.attempt.number if job.attempt else None,
        has_spec=job.id in state.specs,
        attempts=tuple(state.attempts[ref] for ref in refs),
        logs=tuple(
            StoredLog(ref.number, chunks[-1].end, tuple((chunk.offset, chunk.size) for chunk in chunks))
            for ref, chunks in stored.items()
        ),
        lane=state.lanes.get(job.lane),
        ready=((job.lane, job.rank),) if job.state is JobState.QUEUED else (),
        due=(job.due_at,) if job.due_at else (),
        limit=state.limits.get(key) if key is not None else None,
        held=((key, job.seat),) if key is not None and job.seat is not None else (),
        awaited=((key, job.rank),) if key is not None and job.in_line else (),
    )


def _running(host: MemoryHost) -> list[AttemptRef]:
    return [
        ref
        for ref, directory in host._directories.items()
        if directory.kept is Kept.STARTED and directory.process is not None
    ]
