"""Callers and operators, who ask again and again until there is an answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from runyard.application.jobs.cancel_job import CancelJobCommand
from runyard.application.jobs.cancel_jobs import CancelJobsCommand
from runyard.application.jobs.create_jobs import Created, CreateJobsCommand
from runyard.application.jobs.pause_job import PauseJobCommand
from runyard.application.jobs.pause_queue import PauseQueueCommand
from runyard.application.jobs.rerun_job import RerunJobCommand
from runyard.application.jobs.resume_job import ResumeJobCommand
from runyard.application.jobs.resume_queue import ResumeQueueCommand
from runyard.application.ports.jobs import JobFilter
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.ends import End
from runyard.domain.errors import RunyardError
from runyard.domain.jobs.errors import KeyBusy, KeyLineFull
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission, SubmissionKey
from tests.builders import a_spec
from tests.unit.application.yard import UseCases

from .load import PROJECTS, QUEUES, a_job

if TYPE_CHECKING:
    from .world import World

WAITING = frozenset({JobState.QUEUED, JobState.PENDING})


class Callers:
    """Each call goes to some worker that is there; whoever got no answer asks again."""

    def __init__(self, world: "World") -> None:
        self._world, self._dice, self._judge = world, world.dice, world.judge
        self._submissions = 0

    def call(self) -> None:
        """Somebody wants something."""
        if not self._judge.acknowledged or self._dice.random() < 0.75:
            self._submissions += 1
            return self.submit(f"job-{self._submissions}")
        wishes: list[Callable[[], None]] = [self._cancel, self._cancel, self._cancel_many, self._pause, self._rerun]
        return self._dice.choice([*wishes, self._pause_a_queue])()

    def submit(self, name: str, **asked: object) -> None:
        """A job of this name, by chance but for what is asked."""
        spec = a_spec(**(a_job(self._dice, name, leased=self._world.weather.lease is not None) | asked))
        submission = Submission(spec=spec, key=SubmissionKey(name, name))
        command = CreateJobsCommand(submissions=[submission])
        self._insist(name, lambda cases: self._created(name, cases.create_jobs.execute(command)[0]))

    def _created(self, key: str, made: Created) -> None:
        if isinstance(made.refused, KeyBusy | KeyLineFull):
            self._judge.turned_away(key)
        else:
            self._judge.answered(key, made.accepted.job.id)

    def _rerun(self) -> None:
        self._submissions += 1
        name = f"again-{self._submissions}"
        job_id = self._judge.acknowledged[self._some()]
        command = RerunJobCommand(job_id=job_id, key=name)
        self._insist(name, lambda cases: self._created(name, cases.rerun_job.execute(command)))

    def _cancel(self) -> None:
        key = self._some()
        command = CancelJobCommand(job_id=self._judge.acknowledged[key])
        self._once(f"the cancel of {key}", lambda cases: self._judge.cancel_answered(cases.cancel_job.execute(command)))

    def _cancel_many(self) -> None:
        which = JobFilter(states=WAITING, queue=self._dice.choice(QUEUES))
        command = CancelJobsCommand(which=which, most=2)
        self._once("a cancel of many", lambda cases: self._judge.cancelled(*cases.cancel_jobs.execute(command).ids))

    def _pause(self) -> None:
        """For a while: who pauses a job comes back for it."""
        key = self._some()
        job_id = self._judge.acknowledged[key]
        self._once(f"the pause of {key}", lambda cases: cases.pause_job.execute(PauseJobCommand(job_id=job_id)))
        resume = ResumeJobCommand(job_id=job_id)
        self._world.at(
            self._dice.uniform(1, 90),
            lambda: self._insist(f"{key}, to be resumed,", lambda cases: cases.resume_job.execute(resume)),
        )

    def _pause_a_queue(self) -> None:
        queue, seconds = self._dice.choice(QUEUES), self._dice.uniform(1, 120)
        project = self._dice.choice(PROJECTS)
        pause = PauseQueueCommand(project=project, queue=queue, end=End(seconds=seconds))
        self._once(f"the pause of {queue}", lambda cases: cases.pause_queue.execute(pause))
        resume = ResumeQueueCommand(project=project, queue=queue)
        self._world.at(
            self._dice.uniform(1, 120),
            lambda: self._once(f"the end of {queue}'s pause", lambda cases: cases.resume_queue.execute(resume)),
        )

    def _some(self) -> str:
        return self._dice.choice(sorted(self._judge.acknowledged))

    def _once(self, what: str, act: Callable[[UseCases], object]) -> bool:
        """Whether there was an answer; a refusal is one, unless it says that nobody knows."""
        worker = self._dice.choice(self._world.workers)
        if not worker.alive or worker.paused:
            return False
        life = worker.life
        try:
            worker.does(act)
        except StoreUnavailable as refusal:
            self._world.tell(f"{what} was answered {refusal.code}")
            return False
        except RunyardError as refusal:
            self._world.tell(f"{what} was answered {refusal.code}")
        return worker.life == life

    def _insist(self, what: str, act: Callable[[UseCases], object]) -> None:
        if not self._once(what, act):
            self._world.at(self._dice.uniform(0.1, 10), lambda: self._insist(what, act))
