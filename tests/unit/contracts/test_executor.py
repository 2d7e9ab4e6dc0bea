"""The suite of executors on a host in memory, and what a test can script about that host."""

import json
from collections.abc import Callable, Sequence

import pytest

from runyard.adapters.memory.executor import MemoryExecutor
from runyard.adapters.memory.host import WINDOW, MemoryHost
from runyard.adapters.memory.scripted import (
    CopyStdin,
    Die,
    Exit,
    IgnoreTerm,
    Print,
    Program,
    Say,
    Sleep,
)
from runyard.application.ports.executor import Broken, HostUnreachable, Output, StartOrder
from runyard.domain.jobs.attempt import Progress
from runyard.domain.jobs.log import Stream
from tests.contracts.collector import CollectorContract
from tests.contracts.deadman import DeadmanContract
from tests.contracts.executor import ExecutorContract
from tests.contracts.hosts import Line, a_ref
from tests.contracts.masking import MaskingContract


class MemoryMachine:
    """Commands are the names of programs, made as they are asked for."""

    def __init__(self) -> None:
        self.known: dict[str, Callable[[StartOrder], Program]] = {}
        self.host = MemoryHost(self._known_to)

    @property
    def commands(self) -> "MemoryMachine":
        return self

    def connect(self) -> MemoryExecutor:
        return MemoryExecutor(self.host)

    def exits(self, code: int) -> tuple[str, ...]:
        return self._program(Exit(code))

    def prints(self, data: bytes) -> tuple[str, ...]:
        return self._program(*(Print(data[at : at + 1000]) for at in range(0, len(data), 1000)))

    def prints_then_waits(self, data: bytes) -> tuple[str, ...]:
        return self._program(Print(data), Sleep())

    def prints_slowly(self, parts: Sequence[bytes]) -> tuple[str, ...]:
        first, *rest = (Print(part) for part in parts)
        return self._program(first, *(step for part in rest for step in (Sleep(3.0), part)))

    def prints_on_both(self, out: bytes, err: bytes) -> tuple[str, ...]:
        return self._program(Print(out), Print(err, Stream.STDERR))

    def sleeps(self, seconds: float) -> tuple[str, ...]:
        return self._program(Sleep(seconds))

    def ignores_term(self) -> tuple[str, ...]:
        return self._program(IgnoreTerm(), Print(b"ready"), Sleep())

    def reports(self, *lines: str) -> tuple[str, ...]:
        return self._program(*(_said(json.loads(line)) for line in lines))

    def copies_stdin(self) -> tuple[str, ...]:
        return self._program(CopyStdin())

    def dies_by(self, signal: int) -> tuple[str, ...]:
        return self._program(Die(signal))

    def is_missing(self) -> tuple[str, ...]:
        return ("no such program",)

    def expects(self, name: str, value: str) -> tuple[str, ...]:
        return self._given(lambda order: (Exit(int({**order.env, **order.secrets}.get(name) != value)),))

    def expects_in_file(self, name: str, value: str) -> tuple[str, ...]:
        return self._given(lambda order: (Exit(int(order.secret_files[name] != value)),))

    def tells_its_directory(self) -> tuple[str, ...]:
        return self._given(lambda order: (Print((order.cwd or "").encode()),))

    def _program(self, *steps) -> tuple[str, ...]:
        return self._given(lambda _: steps)

    def _given(self, program: Callable[[StartOrder], Program]) -> tuple[str, ...]:
        name = f"program-{len(self.known)}"
        self.known[name] = program
        return (name,)

    def _known_to(self, order: StartOrder) -> Program | None:
        program = self.known.get(order.command[0])
        there = not (order.cwd or "").startswith("/nowhere")
        return program(order) if program and there else None


def _said(line: dict[str, object]) -> Say:
    if "result" in line:
        return Say(result=json.dumps(line["result"], ensure_ascii=False))
    return Say(progress=Progress(**line))  # type: ignore[arg-type]


@pytest.fixture
def machine():
    return MemoryMachine()


@pytest.fixture
def line(machine):
    return Line(machine.connect())


class TestMemoryExecutor(ExecutorContract):
    pass


class TestMemoryMasking(MaskingContract):
    pass


class TestMemoryCollector(CollectorContract):
    pass


class TestMemoryDeadman(DeadmanContract):
    pass


def test_a_start_that_comes_too_late_for_its_hello_is_voided(machine, line):
    order = StartOrder(ref=a_ref(), command=machine.exits(0))
    hello = line.host.hello()
    machine.host.clock.advance(WINDOW + 1)
    line.host.start(hello, [order])

    assert line.voided(order.ref)
    assert machine.host.starts == []


def test_a_forgotten_attempt_leaves_a_tombstone_for_as_long_as_a_start_may_be_under_way(machine, line):
    order = StartOrder(ref=a_ref(), command=machine.exits(0))
    hello = line.host.hello()
    line.host.start(hello, [order])
    line.end_of(order.ref)
    line.acknowledge(order.ref, 0, final=True)
    assert machine.host.held() == frozenset()

    for _ in range(2):
        line.host.start(hello, [order])
        machine.host.clock.advance(WINDOW + 1)
    assert machine.host.starts == [order.ref]


def test_a_host_out_of_reach_refuses_every_call_and_goes_on_without_us(machine, line):
    ref = line.run(machine.prints_slowly([b"a", b"b"]))
    machine.host.reachable = False
    for call in (line.host.hello, lambda: line.host.events(1), lambda: line.resume(ref)):
        with pytest.raises(HostUnreachable):
            call()

    machine.host.reachable = True
    line.resume(ref)
    assert line.end_of(ref).exit_code == 0
    assert line.printed(ref) == b"ab"


@pytest.mark.parametrize("disaster", [MemoryHost.lose_supervisor, MemoryHost.reboot])
def test_what_a_supervisor_ran_breaks_with_it_but_a_recorded_end_stays(machine, line, disaster):
    done, lives = line.run(machine.exits(5)), line.run(machine.prints_then_waits(b"kept"))
    hello = line.host.hello()
    line.until(lambda: line.printed(lives))
    disaster(machine.host)
    with pytest.raises(HostUnreachable):
        line.host.events(1)

    line.heard.clear()
    line.resume(done)
    line.resume(lives)
    assert line.end_of(done).exit_code == 5
    line.until(lambda: line.told(lives, Broken))
    assert line.printed(lives) == b"kept"

    late = StartOrder(ref=a_ref(), command=machine.exits(0))
    line.host.start(hello, [late])
    assert line.voided(late.ref)


def test_a_reboot_changes_the_boot_id_and_begins_its_clock_anew(machine, line):
    before = line.host.hello()
    machine.host.clock.advance(100)
    machine.host.reboot()
    with pytest.raises(HostUnreachable):
        line.host.hello()

    after = line.host.hello()
    assert after.boot_id != before.boot_id
    assert after.stamp == 0


def test_a_dry_run_host_lets_everything_succeed():
    line = Line(MemoryExecutor(MemoryHost()))
    ref = line.run(("rm", "-rf", "/"))

    assert line.end_of(ref).exit_code == 0
    assert line.told(ref, Output)


def test_no_time_passes_but_simulated_time(machine, line):
    ref = line.run(machine.sleeps(9.0))
    assert line.end_of(ref).exit_code == 0

    assert machine.host.clock.elapsed() == pytest.approx(9)
