"""The state machine: submit, claim, report, append, cancel, sweep, adopt, crash, in any order and at any time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from runyard.application.jobs.assign_jobs import AssignJobsCommand
from runyard.application.ports.executor import Hello
from runyard.application.runners.renew_driver import RenewDriverCommand
from runyard.domain.jobs.ids import AttemptRef, JobId
from runyard.domain.jobs.limits import Backoff, OnLost, RetryPolicy
from runyard.domain.jobs.log import LogChunk, LogRecord, Stream
from tests.unit.application.yard import Yard

from .books import Asked, Books, Entry, Refused
from .houses import Houses, Refusal, register, take_over
from .reports import REPORTS, codes, fact, stored, told, written
from .told import agrees

DRIVERS = ("driver", "other")
BACKOFF = Backoff(initial=2.0, factor=2.0, jitter=0.0)
WORK = ("claims", "reports", "reports", "appends")
RARE = ("cancels", "commit fails", "cancels", "commit fails", "restarts", "fewer slots", "more slots", *DRIVERS)
STRAYS = (0, 0, 0, 0, 0, 0, 0, 0, -1, 1)
"""Mostly what is current; now and then what is past or never was."""

SPECS = st.builds(
    Asked,
    wait=st.sampled_from([0.0, 0.0, 0.0, 5.0]),
    queue_timeout=st.sampled_from([None, None, 8.25]),
    total_timeout=st.sampled_from([None, None, 30.25]),
    tries=st.integers(1, 3),
    once=st.booleans(),
    priority=st.integers(-1, 1),
)


class Machine(RuleBasedStateMachine):
    """`houses` are made anew for each example."""

    def __init__(self, houses: Callable[[], Houses]) -> None:
        super().__init__()
        self.houses = houses()
        self.books = Books(slots=2)
        self.epochs = dict.fromkeys(DRIVERS, 0)
        self.boot = 1

    @initialize(slots=st.integers(1, 3), specs=st.lists(SPECS, min_size=2, max_size=4))
    def a_driver_begins_and_jobs_wait(self, slots, specs):
        self.books.slots = slots
        self.houses.each(lambda yard: register(yard, slots))
        self.books.adopt("driver", self.houses.now)
        self.epochs["driver"] = self.books.epoch
        for asked in specs:
            self.somebody_submits(asked)

    @rule(seconds=st.sampled_from([0.5, 1, 1.5, 3, 7.5, 16]), sweeps=st.booleans())
    def time_passes(self, seconds, sweeps):
        self.houses.clock.advance(seconds)
        if sweeps:
            self.both(lambda yard: yard.sweep(), lambda books, now: books.sweep(now))

    @rule(asked=SPECS)
    def somebody_submits(self, asked):
        spec = {
            "not_before": self.houses.clock.now() + timedelta(seconds=asked.wait) if asked.wait else None,
            "queue_timeout": asked.queue_timeout,
            "total_timeout": asked.total_timeout,
            "retry": RetryPolicy(max_attempts=asked.tries, backoff=BACKOFF),
            "on_lost": OnLost.FAIL if asked.once else OnLost.RETRY,
            "priority": asked.priority,
        }
        job = self.told(lambda yard: yard.submit(**spec))
        known = self.houses.look().jobs
        for job_id in known.keys() - self.books.jobs.keys() if isinstance(job, Refusal) else {job.id}:
            self.books.submit(job_id, asked, self.houses.now)

    @rule(data=st.data(), what=st.sampled_from(WORK))
    def a_driver_works(self, data, what):
        {"claims": self.a_driver_claims, "reports": self.a_driver_reports, "appends": self.a_driver_appends}[what](data)

    @rule(data=st.data(), what=st.sampled_from(WORK))
    def a_driver_works_on(self, data, what):
        """The same, so that this is what happens most."""
        self.a_driver_works(data, what)

    def a_driver_claims(self, data: Any) -> None:
        who = data.draw(st.sampled_from(["current", "current", "current", *DRIVERS]))
        epoch, most = self.epochs.get(who, self.books.epoch), data.draw(st.integers(1, 3))
        hello = Hello(nonce="n", boot_id=f"boot-{self.boot}", stamp=0.0, containment="group")

        def act(yard: Yard) -> list[str]:
            command = AssignJobsCommand(runner_id=yard.runner.id, epoch=epoch, hello=hello, most=most)
            return [item.job.id for item in yard.assign_jobs.execute(command)]

        self.both(act, lambda books, now: books.assign(epoch, most, hello.boot_id, now))

    @rule(driver=st.sampled_from(DRIVERS), later=st.sampled_from([0, 16]))
    def a_driver_takes_over(self, driver, later):
        """Itself again after a crash, or from the other one once that one's lease has ended."""
        self.houses.clock.advance(later)
        answer = self.both(lambda yard: take_over(yard, driver)[1], lambda books, now: books.adopt(driver, now))
        if isinstance(answer, int):
            self.epochs[driver] = self.books.epoch

    @rule(data=st.data(), what=st.sampled_from(RARE))
    def something_rare(self, data, what):
        if what == "restarts":
            self.boot += 1
        elif what in DRIVERS:
            self.a_driver_renews(self.epochs[what])
        elif what == "cancels":
            job_id = JobId(data.draw(st.sampled_from([*self.books.jobs, "00000000-0000-7000-8000-000000000000"])))
            self.both(lambda yard: yard.cancel(job_id).state.value, lambda books, _: books.cancel(job_id))
        elif what == "commit fails":
            self.houses.break_next(data.draw(st.sampled_from(["before", "after"])))
        else:
            slots = 1 if what == "fewer slots" else 4
            self.both(lambda yard: register(yard, slots), lambda books, _: setattr(books, "slots", slots))

    def a_driver_renews(self, epoch: int) -> None:
        def act(yard: Yard) -> None:
            yard.renew_driver.execute(RenewDriverCommand(runner_id=yard.runner.id, epoch=epoch))

        self.both(act, lambda books, now: books.renew(epoch, now))

    def a_driver_reports(self, data: Any) -> None:
        """All forms of a report: of the live attempt, of an earlier one, under an old fence, twice, out of order."""
        ref, fence, entry = self.reported(data)
        kinds = data.draw(st.lists(st.sampled_from(REPORTS), min_size=1, max_size=3))
        facts = [fact(kind, ref, entry, self.boot) for kind in kinds]

        def expected(books: Books, now: float) -> list[str | None]:
            return [told(books, kind, ref, fence, self.boot, now) for kind in kinds]

        self.both(lambda yard: codes(yard.report(*facts, fence=fence)), expected)

    def a_driver_appends(self, data: Any) -> None:
        """Output that continues the log, repeats some of it, or leaves a gap."""
        ref, fence, entry = self.reported(data)
        offset = max(0, len(entry.log) + data.draw(st.sampled_from([0, 0, 0, 0, -2, -1, 2])))
        output = written(ref, offset, offset + data.draw(st.integers(0, 5)))
        records = (LogRecord(Stream.STDOUT, self.houses.clock.now(), output),) if output else ()

        def expected(books: Books, now: float) -> tuple[str | None, int]:
            try:
                return None, books.append(books.live(ref.job_id, ref.number, fence), offset, output, now)
            except Refused as refused:
                return refused.code, len(books.jobs[ref.job_id].logs.get(ref.number, b""))

        self.both(lambda yard: stored(yard.append(LogChunk(ref, offset, records), fence=fence)), expected)

    @invariant()
    def all_stores_hold_what_the_model_holds(self):
        agrees(self.houses.look(), self.books)

    def both(self, act: Callable[[Yard], Any], expected: Callable[[Books, float], Any]) -> Any:
        """The answer of the houses, which must be the model's, unless the commit failed."""
        tried = self.books.copy()
        try:
            wanted = expected(tried, self.houses.now)
        except Refused as refused:
            wanted = Refusal(refused.code)
        breaks = self.houses.houses[0].store.breaks
        answer = self.told(act)
        if isinstance(answer, Refusal) and answer.code == "store-unavailable":
            if breaks == "after":
                self.books = tried
            return answer
        assert answer == wanted, f"answered {answer}, the model {wanted}"
        self.books = tried
        return answer

    def told(self, act: Callable[[Yard], Any]) -> Any:
        answer = self.houses.each(act)
        self.houses.mended()
        note(f"{answer}")
        return answer

    def reported(self, data: Any) -> tuple[AttemptRef, int, Entry]:
        """An attempt and a fence, mostly the live ones of a job."""
        live = [job_id for job_id, entry in self.books.jobs.items() if entry.live]
        claimed = [job_id for job_id, entry in self.books.jobs.items() if entry.number]
        job_id = JobId(data.draw(st.sampled_from([*live * 3, *claimed] or list(self.books.jobs))))
        entry = self.books.jobs[job_id]
        number = max(1, entry.number + data.draw(st.sampled_from(STRAYS)))
        return AttemptRef(job_id, number), entry.fence + data.draw(st.sampled_from(STRAYS)), entry
