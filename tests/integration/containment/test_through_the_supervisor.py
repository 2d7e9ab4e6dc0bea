"""Every nasty tree through the real supervisor: cancelled, and out of time."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import pytest

from runyard.application.ports.executor import SignalKind
from runyard.domain.jobs.attempt import Ending
from runyard.domain.jobs.ids import AttemptRef
from tests.integration.supervised.yard import Yard

from .shapes import SHAPES, Shape, bounded_pids, fresh_token, holders, is_ready, reason_to_skip, survives
from .test_containment import CLOSED_LEVELS

pytestmark = [pytest.mark.machine]

GRACE = 0.3
RUN_TIMEOUT = 4.0


class Pinged:
    """A yard whose supervisor is asked, whatever happens, whether it still answers."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.waits: list[float] = []

    def until(self, met, seconds: float = 60.0) -> None:
        limit = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < limit, f"not within {seconds} s; seen: {self.yard.seen}"
            self.yard.collect(0.01)
            self.ping()

    def ping(self) -> None:
        self.waits.append(self.yard.answers_within())


@pytest.fixture(params=["cgroup2", "subreaper"])
def pinged(request, tmp_path: Path) -> Iterator[Pinged]:
    if request.param in CLOSED_LEVELS:
        pytest.skip(f"level {request.param} cannot be had here: NOT TESTED")
    yard = Yard(tmp_path / "yard", containment=request.param)
    try:
        assert yard.executor.hello().containment == request.param
        yield Pinged(yard)
    finally:
        yard.close()


class Tree:
    """One shape as an attempt."""

    def __init__(self, shape: Shape, folder: Path, stack: ExitStack) -> None:
        pids = stack.enter_context(bounded_pids("through")) if shape.needs_pids_cgroup else None
        self.shape = shape
        self.token = stack.enter_context(fresh_token(folder, shape.name))
        self.argv = tuple(shape.argv(self.token, pids))

    def stands(self) -> bool:
        return is_ready(self.token)

    def complaints(self, yard: Yard, ref: AttemptRef, *endings: Ending) -> Iterator[str]:
        outcome = yard.of(ref).outcome
        if survives(self.token):
            yield f"{self.shape}: survived by {holders(self.token)}"
        if outcome.tree_empty is not True:
            yield f"{self.shape}: tree_empty is {outcome.tree_empty}"
        if outcome.ending not in ((Ending.EXIT,) if self.shape.first_process_ends else endings):
            yield f"{self.shape}: ended as {outcome}"


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nothing_survives_a_cancel(shape: Shape, pinged: Pinged, tmp_path: Path):
    if reason := reason_to_skip(shape):
        pytest.skip(reason)
    yard = pinged.yard
    with ExitStack() as stack:
        tree = Tree(shape, tmp_path, stack)
        order = yard.order(tree.argv, grace_period=GRACE)
        yard.start(order)
        pinged.until(tree.stands)
        settled = time.monotonic() + shape.settle
        pinged.until(lambda: time.monotonic() > settled)
        if shape.first_process_ends:
            pinged.until(lambda: yard.of(order.ref).last)
        yard.signal(order.ref, SignalKind.CANCEL)
        pinged.until(lambda: yard.of(order.ref).last)

        assert list(tree.complaints(yard, order.ref, Ending.SIGNAL, Ending.EXIT)) == []
        assert median(pinged.waits) < 1.0, pinged.waits


def test_nothing_survives_the_run_timeout_when_all_of_them_run_at_once(pinged: Pinged, tmp_path: Path):
    yard = pinged.yard
    with ExitStack() as stack:
        trees = [Tree(shape, tmp_path, stack) for shape in SHAPES if not reason_to_skip(shape)]
        orders = [yard.order(tree.argv, grace_period=GRACE, run_timeout=RUN_TIMEOUT) for tree in trees]
        yard.start(*orders)
        pinged.until(lambda: all(yard.of(order.ref).last for order in orders))

        assert all(tree.stands() for tree in trees)
        complaints = [
            complaint
            for tree, order in zip(trees, orders, strict=True)
            for complaint in tree.complaints(yard, order.ref, Ending.TIMEOUT)
        ]
        assert complaints == []
        assert median(pinged.waits) < 1.0, pinged.waits
        print(f"slowest answer {max(pinged.waits) * 1000:.0f} ms")
