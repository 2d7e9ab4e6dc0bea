"""Everything together, second by second."""

from collections.abc import Callable, Iterable
from random import Random

from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.limits import Backoff, OnLost, RetryPolicy
from runyard.domain.runners.ids import RunnerId
from runyard.domain.runners.runner import Runner, RunnerKind
from tests.builders import a_spec

from .books import SLOTS, Books
from .database import Database, Transaction
from .driver import Driver
from .host import Host
from .judge import Judge, moment
from .messages import Network
from .rules import Rules


class World:
    """`kinds` names a host each: `local` or `ssh`. Every driver may drive every runner."""

    def __init__(self, *kinds: str, rules: Rules = Rules(), seed: int = 0, drivers: int = 2) -> None:  # noqa: B008
        self.rules = rules
        self.judge = Judge()
        self.database = Database(self.judge)
        self.network = Network(Random(seed))  # noqa: S311 - repeated by its seed
        names = [f"{kind}-{number}" for number, kind in enumerate(kinds)]
        self.hosts = {name: Host(name, name.startswith("ssh"), rules, self.judge) for name in names}
        leased = frozenset(RunnerId(name) for name in names if name.startswith("ssh"))
        self.work: dict[JobId, tuple[int, int]] = {}
        books = Books(rules, self.judge, leased)
        runners = tuple(RunnerId(name) for name in names)
        self.drivers = {
            f"driver-{number}": Driver(
                f"driver-{number}", rules, self.database, self.network, books, self.work, runners
            )
            for number in range(1, drivers + 1)
        }
        for runner_id in runners:
            runner = Runner(id=runner_id, name=str(runner_id), kind=RunnerKind.LOCAL, slots=SLOTS)
            self.database.runners[runner_id] = runner
        for driver in self.drivers.values():
            driver.begin()

    @property
    def now(self) -> float:
        return self.judge.now

    @property
    def jobs(self) -> Iterable[Job]:
        return self.database.jobs.values()

    def job(self, job_id: JobId) -> Job:
        return self.database.jobs[job_id]

    # --- what users do ---

    def submit(
        self, duration: int = 20, code: int = 0, *, on_lost: OnLost = OnLost.RETRY, tries: int = 1, after: float = 0
    ) -> JobId:
        """A job that runs so long and exits so, if nobody ends it."""
        job_id = JobId(f"job-{len(self.work) + 1}")
        retry = RetryPolicy(max_attempts=tries, backoff=Backoff(initial=2, max=10))
        spec = a_spec(on_lost=on_lost, retry=retry, not_before=moment(after) if after else None)
        job = Job.submitted(job_id, spec, now=moment(self.now))
        self.database.run("", lambda tx: tx.put(job))
        self.work[job_id] = (duration, code)
        self.judge.submitted(job)
        return job_id

    def cancel(self, job_id: JobId) -> None:
        def cancelled(tx: Transaction) -> None:
            tx.put(tx.jobs[job_id].cancelled(now=tx.now))

        self.database.run("", cancelled)

    # --- faults ---

    def stop(self, *names: str) -> None:
        for name in names or self.drivers:
            self.drivers[name].stopped = True

    def go_on(self, *names: str) -> None:
        for name in names or self.drivers:
            self.drivers[name].stopped = False

    def kill(self, *names: str) -> None:
        for name in names or self.drivers:
            self.drivers[name].die()

    def restart(self, *names: str) -> None:
        for name in names or self.drivers:
            self.drivers[name].stopped = False
            self.drivers[name].begin()

    def cut(self, host: str, *drivers: str) -> None:
        for driver in drivers or self.drivers:
            self.network.cuts.add(frozenset((driver, host)))

    def driver_of(self, host: str) -> str:
        """Who holds the row of this runner."""
        held = self.database.runners[RunnerId(host)].driver
        assert held
        return str(held.driver_id)

    def heal(self) -> None:
        """No more faults; what is held back or stopped goes on."""
        self.network.cuts.clear()
        self.network.drop = self.network.double = self.network.delay = 0.0
        self.network.doubling = None
        self.network.let_go()
        self.database.away = False
        self.database.cut_off.clear()
        self.database.unanswered.clear()
        for host in self.hosts.values():
            host.frozen = False
        for driver in self.drivers.values():
            driver.stopped = False
            if not driver.tasks:
                driver.begin()

    # --- time ---

    def tick(self, seconds: int = 1) -> None:
        for _ in range(seconds):
            self.judge.now += 1
            for host in self.hosts.values():
                host.tick()
            self._deliver()
            for driver in self.drivers.values():
                driver.tick(self.now)
            self.judge.running(list(self.hosts.values()))

    def until(self, met: Callable[[], object], most: int = 600) -> None:
        """Let time pass until something is so; not a promise, only the way to the point of a story."""
        for _ in range(most):
            if met():
                return
            self.tick()
        raise LookupError("the story does not come to its point")

    def end(self, most: int = 3000) -> None:
        """Faults have ended: now every job must."""
        self.heal()
        for _ in range(most):
            if all(job.finished for job in self.jobs):
                return
            self.tick()
        left = [f"{job.id} is {job.state}" for job in self.jobs if not job.finished]
        raise self.judge.says("P6", ", ".join(left))

    def _deliver(self) -> None:
        for letter in self.network.arrived(self.now):
            if letter.target in self.drivers:
                self.drivers[letter.target].receive(letter)
                continue
            host = self.hosts[letter.target]
            if host.frozen:
                self.network.on_the_way.append(letter)
                continue
            answer = host.answer(letter.message)
            if answer is not None:
                self.network.send(self.now, host.name, letter.source, answer, letter.request)
