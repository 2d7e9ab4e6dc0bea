"""Register a runner: a place that takes jobs becomes known."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...domain.runners.runner import Runner, RunnerKind
from ..ports.system import Identifiers
from ..ports.work import Begin, RunnersWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRunnerCommand:
    """What the runner is called and what it takes."""

    name: str
    kind: RunnerKind
    slots: int
    queues: tuple[str, ...] = ("*",)
    labels: Mapping[str, str] = field(default_factory=dict)


class RegisterRunner:
    """Makes a runner known, once by name; again, it takes on the new settings."""

    def __init__(self, begin: Begin[RunnersWork], identifiers: Identifiers) -> None:
        self._begin = begin
        self._identifiers = identifiers

    def execute(self, command: RegisterRunnerCommand) -> Runner:
        """The runner as it is known now, with the identity it keeps."""
        with self._begin() as work:
            known = work.runners.named(command.name)
            if known is None:
                runner = Runner(
                    id=self._identifiers.runner_id(),
                    name=command.name,
                    kind=command.kind,
                    slots=command.slots,
                    queues=command.queues,
                    labels=command.labels,
                )
                work.runners.add(runner)
            else:
                runner = replace(known, slots=command.slots, queues=command.queues, labels=command.labels)
                work.runners.save(runner)
            work.commit()
        return runner
