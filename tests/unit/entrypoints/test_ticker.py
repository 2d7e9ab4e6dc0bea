"""A tick does what it can."""

from threading import Event
from typing import Any

from runyard.application.ports.work import StoreUnavailable
from runyard.entrypoints.worker.ticker import Cleaning, Sweeps, Ticker


class Step:
    """Says when it was executed the second time, and then does as it is told."""

    def __init__(self, raises: Exception | None = None) -> None:
        self.raises, self.times, self.again = raises, 0, Event()

    def execute(self, command: Any, /) -> int:
        self.times += 1
        if self.times > 1:
            self.again.set()
        if self.raises is not None:
            raise self.raises
        return 0


def ticker(jobs: Step, leases: Step, runners: Step) -> Ticker:
    never: Any = Step()
    cleaning = Cleaning(
        keys=never, purge=never, leftovers=never, audit=never, events=never, tidy=lambda: never.execute(None)
    )
    return Ticker(Sweeps(jobs=jobs, leases=leases), runners, cleaning, seconds=0.01)


def test_what_fails_hinders_nothing_else_and_is_tried_again() -> None:
    jobs, leases, runners = Step(ValueError("a row that nobody can read")), Step(), Step()
    ticking = ticker(jobs, leases, runners)
    ticking.start()

    assert all(step.again.wait(10) for step in (jobs, leases, runners))
    ticking.stop()


def test_while_the_store_is_away_one_question_a_tick_is_enough() -> None:
    jobs, leases, runners = Step(StoreUnavailable("the store is away")), Step(), Step()
    ticking = ticker(jobs, leases, runners)
    ticking.start()

    assert jobs.again.wait(10)
    ticking.stop()
    assert (leases.times, runners.times) == (0, 0)
