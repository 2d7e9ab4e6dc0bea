"""Who sees everything: the store at each commit, the hosts at each start, and what callers were told."""

from runyard.adapters.memory.directory import Kept
from runyard.adapters.memory.host import MemoryHost
from runyard.adapters.memory.state import State
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import OnLost
from runyard.domain.jobs.log import joined
from runyard.domain.jobs.states import JobState
from tests.proofs.invariants import Broken, Seen, check

from .load import asked, written


class Judge:
    """Raises `Broken` at the first promise that does not hold."""

    def __init__(self) -> None:
        self._before = State()
        self._started: dict[AttemptRef, str] = {}
        self._looked: dict[int, int] = {}
        self._cancelled: set[JobId] = set()
        self.acknowledged: dict[str, JobId] = {}

    def committed(self, state: State) -> None:
        """I1 to I5, I8 and G5 between the last commit and this one, for every job that changed."""
        changed = [job_id for job_id, job in state.jobs.items() if self._before.jobs.get(job_id) is not job]
        logs = {ref.job_id for ref, chunks in state.logs.items() if self._before.logs.get(ref) is not chunks}
        ids = sorted(logs.union(changed))
        lost = self._before.jobs.keys() - state.jobs.keys()
        if lost:
            raise Broken(f"I1: {sorted(lost)} are gone")
        check(_part(state, ids), _part(self._before, [job_id for job_id in ids if job_id in self._before.jobs]))
        self._before = state

    def started(self, host: MemoryHost, hosts: list[MemoryHost]) -> list[AttemptRef]:
        """G2 and G3: an attempt starts once, a job that may start once does, no two trees of a job run at once."""
        new = host.starts[self._looked.get(id(host), 0) :]
        self._looked[id(host)] = len(host.starts)
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
            self._started[ref] = job.id
        return new

    def answered(self, key: str, job_id: JobId) -> None:
        """G1: whoever repeats a submission hears of the same job."""
        if self.acknowledged.setdefault(key, job_id) != job_id:
            raise Broken(f"G1: {key} is {job_id} and {self.acknowledged[key]}")

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
        names = [spec.name for spec in state.specs.values()]
        if len(names) != len(set(names)):
            raise Broken("G1: a submission became two jobs")
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
    jobs = {job_id: state.jobs[job_id] for job_id in ids}
    refs = [
        AttemptRef(job_id, number)
        for job_id, job in jobs.items()
        for number in range(1, (job.attempt.number if job.attempt else 0) + 1)
    ]
    logs = {ref: b"".join(joined(chunk.records) for chunk in state.logs.get(ref, ())) for ref in refs}
    return Seen(jobs, {ref: state.attempts[ref] for ref in refs}, logs)


def _running(host: MemoryHost) -> list[AttemptRef]:
    return [
        ref
        for ref, directory in host._directories.items()
        if directory.kept is Kept.STARTED and directory.process is not None
    ]
