"""Register a runner: a place that takes jobs becomes known."""

from dataclasses import dataclass, replace

from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner, RunnerKind
from ...domain.runners.settings import RunnerSettings, check_name
from ..ports.runners import RunnerNameTaken
from ..ports.system import Identifiers
from ..ports.work import Begin, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRunnerCommand:
    """What the runner is called and what it takes; `slots` None means that nobody said how many.

    A machine that keeps the identity of its runner tells it. The project must exist.
    """

    name: str
    kind: RunnerKind
    slots: int | None = None
    default_slots: int = 1
    id: RunnerId | None = None
    project: str = DEFAULT_PROJECT


class RegisterRunner:
    """Makes a runner known, once by name. Again, it takes on the slots that were asked for, and nothing else:
    what people edited stays, and so does a cordon, a pause or a drain.
    """

    def __init__(self, begin: Begin[RunnersWork], identifiers: Identifiers) -> None:
        self._begin = begin
        self._identifiers = identifiers

    def execute(self, command: RegisterRunnerCommand) -> Runner:
        """The runner as it is known now, with the identity it keeps; `RunnerNameTaken` if the name is another's."""
        check_name(command.name)
        with self._begin() as work:
            known = work.runners.named(command.name)
            if known is None:
                runner = self._made(command, work.projects.get(command.project).name)
                work.runners.add(runner)
            elif (known.kind, known.project) != (command.kind, command.project) or command.id not in {None, known.id}:
                raise RunnerNameTaken(command.name)
            else:
                slots = known.slots if command.slots is None else command.slots
                runner = known.edited(replace(known.settings, slots=slots))
                work.runners.save(runner)
            work.commit()
        return runner

    def _made(self, command: RegisterRunnerCommand, project: str) -> Runner:
        slots = command.default_slots if command.slots is None else command.slots
        settings = RunnerSettings(slots=slots)
        runner_id = command.id or self._identifiers.runner_id()
        return Runner(id=runner_id, name=command.name, kind=command.kind, slots=settings.slots, project=project)
