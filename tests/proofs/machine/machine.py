"""The state machine: everything that callers, drivers and operators do, in any order and at any time."""

from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from runyard.application.jobs.forget_leftovers import ForgetLeftoversCommand
from runyard.application.runners.edit_runner import EditRunnerCommand

from .asked import ASKED, PROJECTS, RUNNERS
from .books import Wanted
from .callers import Callers
from .drivers import DRIVERS, Drivers
from .houses import limit, register, take_over
from .limits import SOME
from .operators import Operators
from .places import Place
from .told import agrees

SHARED = EditRunnerCommand(runner=RUNNERS[0], shared_with=PROJECTS[1:])
RARE = ("commit fails", "commit fails", "restarts", "renews", "forgets")


class Machine(Callers, Drivers, Operators):
    """Jobs of two projects, two owners and two keys in two queues; two runners, of which one may be like no other."""

    @initialize(slots=st.integers(1, 3), asked=st.lists(ASKED, min_size=2, max_size=4), run=SOME, wait=SOME)
    def drivers_begin_and_jobs_wait(self, slots, asked, run, wait):
        self.books.may_run, self.books.may_wait = run, {scope: most + 2 for scope, most in wait.items()}
        for kind, limits in (("running", run), ("queued", self.books.may_wait)):
            for (project, owner), most in limits.items():
                self.houses.each(partial(limit, scope=(project, owner), kind=kind, most=most))
        for runner in RUNNERS:
            self.houses.each(partial(register, name=runner, slots=slots))
            self.books.places[runner] = Place(runner, self.houses.houses[0].yard.ids[runner], slots)
            self.books.adopt(runner, DRIVERS[0], self.houses.now)
        self.houses.each(lambda yard: yard.edit_runner.execute(SHARED) and None)
        self.books.places[RUNNERS[0]].shared = True
        self.houses.each(lambda yard: take_over(yard, RUNNERS[1], DRIVERS[0]) and None)
        self.somebody_submits([Wanted(each) for each in asked])

    @rule(seconds=st.sampled_from([0.5, 1, 1.5, 3, 7.5, 16]), sweeps=st.booleans())
    def time_passes(self, seconds, sweeps):
        self.houses.clock.advance(seconds)
        if sweeps:
            self.both(
                lambda yard: yard.sweep(),
                lambda books, now: books.sweep(now),
                cut=lambda books, now: books.sweep(now, first_half=True),
            )

    @rule(data=st.data(), what=st.sampled_from(RARE))
    def something_rare(self, data, what):
        if what == "restarts":
            self.boot += 1
        elif what == "renews":
            self.a_driver_renews(data)
        elif what == "forgets":
            self.both(
                lambda yard: yard.forget_leftovers.execute(ForgetLeftoversCommand()),
                lambda books, _: books.forget_leftovers(),
            )
        else:
            self.houses.break_next(data.draw(st.sampled_from(["before", "after"])))

    @invariant()
    def all_stores_hold_what_the_model_holds(self):
        agrees(self.houses.look(), self.books)
