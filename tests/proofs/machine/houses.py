"""The same yard over several stores, each told the same and expected to answer the same."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from runyard.adapters.memory.clock import ManualClock
from runyard.adapters.memory.store import MemoryStore
from runyard.adapters.sql.store import SqlStore
from runyard.application.accounts.create_project import CreateProject, CreateProjectCommand
from runyard.application.jobs.claiming import Claiming
from runyard.application.jobs.forget_leftovers import ForgetLeftovers
from runyard.application.runners.adopt_runner import AdoptRunnerCommand
from runyard.application.runners.register_runner import RegisterRunnerCommand
from runyard.domain.errors import RunyardError
from runyard.domain.jobs.ids import JobId
from runyard.domain.runners.ids import DriverId
from runyard.domain.runners.runner import RunnerKind
from tests.contracts.stores import Store
from tests.proofs.invariants import Seen, check, seen
from tests.proofs.stores import Breaking, Numbered, OnTheClock, emptied
from tests.unit.application.yard import Yard

from .asked import PROJECTS

T = TypeVar("T")


@dataclass(frozen=True)
class Refusal:
    """What a house said no with."""

    code: str


class DrivenYard(Yard):
    """All use cases, what their drivers remember, and the runners by name."""

    def __init__(self, store: Breaking, clock: ManualClock, numbers: Numbered) -> None:
        super().__init__(store, clock, numbers)
        for project in PROJECTS[1:]:
            CreateProject(store.begin).execute(CreateProjectCommand(name=project))
        self.forget_leftovers = ForgetLeftovers(store.begin)
        self.ids = {self.runner.name: self.runner.id}
        self.claiming: defaultdict[tuple[str, str], Claiming] = defaultdict(Claiming)


class House:
    """All use cases over one store whose commits can be made to fail."""

    def __init__(self, name: str, store: Store, clock: ManualClock) -> None:
        self.name = name
        self.store = Breaking(store)
        self.numbers = Numbered()
        self.yard = DrivenYard(self.store, clock, self.numbers)
        self.before: Seen | None = None
        self._looked = -1

    def look(self) -> Seen:
        """All it holds, checked against what it held before."""
        if self.before is None or self._looked != self.store.commits:
            now = seen(self.store)
            check(now, self.before)
            self.before, self._looked = now, self.store.commits
        return self.before


class Houses:
    """A clock, and as many houses as there are stores to compare."""

    def __init__(self, stores: Mapping[str, SqlStore] | None = None) -> None:
        self.clock = ManualClock()
        named: dict[str, Store] = {"memory": MemoryStore(self.clock.now)}
        for name, store in (stores or {}).items():
            named[name] = OnTheClock(emptied(store), self.clock.now)
        self.houses = [House(name, store, self.clock) for name, store in named.items()]

    @property
    def now(self) -> float:
        return self.clock.elapsed()

    def forget(self, runner: str, driver: str) -> None:
        """This driver of the runner begins anew."""
        for house in self.houses:
            house.yard.claiming.pop((runner, driver), None)

    def coming(self, many: int) -> list[JobId]:
        """The ids of the next jobs, the same in all houses."""
        return self.houses[0].numbers.coming(many)

    def break_next(self, moment: str) -> None:
        for house in self.houses:
            house.store.breaks = moment

    def mended(self) -> None:
        for house in self.houses:
            house.store.breaks = None

    def each(self, act: Callable[[DrivenYard], Any]) -> Any:
        """What they all answered; they must not differ."""
        answers = {house.name: _answer(act, house.yard) for house in self.houses}
        return _agreed(answers)

    def look(self) -> Seen:
        """What they all hold."""
        return _agreed({house.name: house.look() for house in self.houses})


def _answer(act: Callable[[DrivenYard], Any], yard: DrivenYard) -> Any:
    try:
        return act(yard)
    except RunyardError as refusal:
        return Refusal(refusal.code)


def _agreed(answers: Mapping[str, T]) -> T:
    first, *others = answers
    for other in others:
        assert answers[other] == answers[first], f"{other} differs from {first}"
    return answers[first]


def register(yard: DrivenYard, name: str, slots: int) -> None:
    command = RegisterRunnerCommand(name=name, kind=RunnerKind.LOCAL, slots=slots)
    yard.ids[name] = yard.register_runner.execute(command).id


def limit(yard: DrivenYard, scope: tuple[str, str | None], kind: str, most: int) -> None:
    project, owner = scope
    yard.limit(project, owner, **{kind: most})


def take_over(yard: DrivenYard, runner: str, driver: str) -> int:
    """How many attempts were adopted."""
    command = AdoptRunnerCommand(runner_id=yard.ids[runner], driver_id=DriverId(driver))
    return yard.adopt_runner.execute(command).attempts
