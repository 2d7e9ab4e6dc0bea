"""The steps of a driver on a virtual clock: no thread, no wait."""

from collections.abc import Callable
from functools import partial

from runyard.adapters.memory.directory import Directory
from runyard.adapters.memory.executor import MemoryExecutor
from runyard.adapters.memory.host import MemoryHost
from runyard.adapters.memory.rings import MemoryRings
from runyard.adapters.memory.scripted import Print, Program, Sleep
from runyard.application.jobs.execute_jobs import ExecuteJobs
from runyard.application.ports.executor import Hello, StartOrder
from runyard.application.ports.rings import about_runner
from runyard.application.runners.get_runner import GetRunnerCommand
from runyard.application.runners.release_driver import ReleaseDriverCommand
from runyard.domain.jobs.lanes import Placement
from runyard.domain.runners.ids import DriverId
from runyard.entrypoints.worker.driving import Driving
from tests.unit.application.yard import MemoryYard

PROGRAMS: dict[str, Program] = {"long": (Sleep(100),), "talkative": (Sleep(0.9), Print(b".")) * 50}


def program(order: StartOrder) -> Program:
    return PROGRAMS.get(order.command[0], ())


class Driven:
    def __init__(self, rings: MemoryRings | None = None) -> None:
        self.yard = MemoryYard()
        self.rings = rings or self.yard.rings
        self.host = MemoryHost(program, self.yard.clock)
        self.hellos = 0
        self.driving = self.driver()

    def driver(self) -> Driving:
        yard, host = self.yard, MemoryExecutor(self.host)
        host.hello = self.asked(host.hello)  # type: ignore[method-assign] # counted, and asked all the same
        execute = ExecuteJobs(host, yard.bookkeeping)
        driving = Driving(yard.adopt_runner, yard.renew_driver, execute, host, self.rings, yard.clock)
        driving.listen(yard.runner.id)
        return driving

    def asked(self, hello: Callable[[], Hello]) -> Callable[[], Hello]:
        def counted() -> Hello:
            self.hellos += 1
            return hello()

        return counted

    def steps(self, number: int, driver: str = "driver") -> list[float]:
        return [self.driving.step(self.yard.runner.id, DriverId(driver)) for _ in range(number)]


def test_the_first_step_takes_the_runner_over_and_the_next_ones_run_what_waits() -> None:
    driven = Driven()
    job = driven.yard.submit(command=("true",))

    assert driven.steps(3) == [0.0, 0.0, 0.0]

    assert driven.yard.get(job.id).finished


def test_a_ring_is_heard_before_its_second_has_passed() -> None:
    driven = Driven()
    driven.steps(2)
    job = driven.yard.submit(command=("long",))
    before = driven.yard.clock.elapsed()

    driven.steps(2)

    assert driven.yard.get(job.id).live
    assert driven.yard.clock.elapsed() - before <= 1.0


def test_without_rings_what_waits_is_claimed_within_a_second_whatever_else_wakes_the_driver() -> None:
    driven = Driven(rings=MemoryRings())
    driven.yard.submit(command=("talkative",))
    waits = []
    for _ in range(20):
        driven.steps(4)
        job, begun = driven.yard.submit(command=("true",)), driven.yard.clock.elapsed()
        while driven.yard.get(job.id).attempt is None:
            driven.steps(1)
        waits.append(driven.yard.clock.elapsed() - begun)

    assert max(waits) <= 1.0


def test_another_driver_waits_for_the_lease_to_end_and_then_adopts() -> None:
    driven = Driven()
    job = driven.yard.submit(command=("long",))
    driven.steps(3)
    first = driven.yard.get(job.id)

    driven.driving = driven.driver()
    assert driven.steps(1, "another") == [0.5]
    driven.yard.clock.advance(16)
    assert driven.steps(1, "another") == [0.0]

    assert (driven.yard.get(job.id).ref, driven.yard.get(job.id).fence) == (first.ref, first.fence + 1)


def test_it_waits_longer_after_each_failure_and_begins_again_from_the_books() -> None:
    driven = Driven()
    job = driven.yard.submit(command=("long",))
    driven.steps(3)
    driven.host.reachable = False

    waits = [wait for wait in driven.steps(12) if wait]
    assert waits[:3] == [0.05, 0.1, 0.2]
    driven.host.reachable = True
    driven.steps(3)

    assert driven.yard.get(job.id).live
    assert driven.host.starts == [driven.yard.get(job.id).ref]


class FullHost(MemoryHost):
    """A host that can write nothing down, so it starts nothing."""

    def start(self, hello: Hello, order: StartOrder) -> Directory:
        return self.void(order.ref)


def driven_on_a_full_host() -> Driven:
    driven = Driven()
    driven.host = FullHost(program, driven.yard.clock)
    driven.driving = driven.driver()
    return driven


def test_a_host_that_gives_every_start_back_is_asked_less_and_less_often() -> None:
    driven = driven_on_a_full_host()
    job = driven.yard.submit(command=("true",))

    while driven.yard.clock.elapsed() < 300:
        driven.steps(1)

    assert 5 <= driven.yard.get(job.id).ref.number <= 12


def why_nothing_is_taken(driven: Driven) -> str:
    refuses = driven.yard.get_runner.execute(GetRunnerCommand(runner=driven.yard.runner.name)).runner.refuses
    return "" if refuses is None else refuses.why


def test_a_host_that_starts_again_is_asked_at_once_and_it_is_told_that_it_gave_starts_back() -> None:
    driven = driven_on_a_full_host()
    job = driven.yard.submit(command=("true",))
    driven.steps(4)
    assert "disk is full" in why_nothing_is_taken(driven)
    driven.host.start = partial(MemoryHost.start, driven.host)  # type: ignore[method-assign]

    driven.steps(10)

    assert driven.yard.get(job.id).state == "succeeded"
    assert why_nothing_is_taken(driven) == ""


def test_of_a_host_to_which_nothing_is_given_nothing_is_told_any_more() -> None:
    driven = driven_on_a_full_host()
    job = driven.yard.submit(command=("true",))
    driven.steps(4)
    assert why_nothing_is_taken(driven)

    driven.yard.cancel(job.id)
    while driven.yard.clock.elapsed() < 120:
        driven.steps(1)

    assert why_nothing_is_taken(driven) == ""


def test_a_driver_that_slept_through_a_takeover_learns_no_new_fence_and_stops_at_once() -> None:
    driven = Driven()
    job = driven.yard.submit(command=("long",))
    driven.steps(3)
    sleeper, driven.driving = driven.driving, driven.driver()
    driven.yard.clock.advance(16)
    driven.steps(2, "another")
    fence = driven.yard.get(job.id).fence

    driven.yard.rings.ring({about_runner(driven.yard.runner.id)})
    assert sleeper.step(driven.yard.runner.id, DriverId("driver")) == 0.5
    assert sleeper.end() is None

    assert (driven.yard.get(job.id).fence, driven.yard.get(job.id).live) == (fence, True)


def test_a_host_out_of_reach_is_given_up_after_a_while_and_its_runner_handed_to_somebody_else() -> None:
    driven = Driven()
    driven.steps(2)
    driven.host.reachable = False
    waited = 0.0
    while (given_up := driven.driving.gives_up()) is None:
        wait = driven.steps(1)[0]
        driven.yard.clock.advance(wait)
        waited += wait
        assert waited < 40.0

    assert 20.0 <= waited < 26.0
    assert driven.driving.end() is None
    driven.yard.release_driver.execute(ReleaseDriverCommand(runner_id=given_up.runner.id, epoch=given_up.epoch))
    driven.driving = driven.driver()
    assert driven.steps(1, "another") == [0.0]


def test_a_host_that_answers_again_is_not_given_up() -> None:
    driven = Driven()
    driven.steps(2)
    for _ in range(30):
        driven.host.reachable = False
        driven.yard.clock.advance(3)
        driven.steps(2)
        assert driven.driving.gives_up() is None
        driven.host.reachable = True
        driven.steps(3)


def test_who_has_nothing_to_do_leaves_its_host_alone_whatever_rings() -> None:
    driven = Driven()
    driven.steps(5)
    before = driven.hellos
    for _ in range(50):
        driven.yard.submit(command=("true",), placement=Placement(runner="elsewhere"))
        driven.steps(1)

    assert driven.hellos - before <= 1, "the first ring was believed"


def test_after_rings_in_vain_the_next_job_is_claimed_as_soon_as_it_rings() -> None:
    driven = Driven()
    driven.steps(5)
    for _ in range(3):
        driven.yard.submit(command=("true",), placement=Placement(runner="elsewhere"))
        driven.steps(2)
    job = driven.yard.submit(command=("long",))
    before = driven.yard.clock.elapsed()
    driven.steps(1)

    assert driven.yard.get(job.id).live
    assert driven.yard.clock.elapsed() - before <= 0.1
