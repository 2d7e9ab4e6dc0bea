"""Edit a runner: its slots, queues and labels, and who may use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...domain.runners.runner import Runner
from ...domain.runners.settings import RunnerSettings
from ..ports.rings import READY, Rings, about_runner
from ..ports.work import Begin, RunnersWork
from .changing import changed
from .status import RunnerStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRunnerCommand:
    """The runner, by id or name, and what shall be different; None leaves things as they are.

    `revision` is the one that the editor has seen; None edits whatever there is.
    """

    runner: str
    revision: int | None = None
    slots: int | None = None
    queues: tuple[str, ...] | None = None
    labels: Mapping[str, str] | None = None
    shared_with: tuple[str, ...] | None = None
    owners: tuple[str, ...] | None = None

    def applied(self, runner: Runner, _now: datetime) -> Runner:
        """The runner, edited."""
        settings = RunnerSettings(
            slots=runner.slots if self.slots is None else self.slots,
            queues=runner.queues if self.queues is None else self.queues,
            labels=runner.labels if self.labels is None else self.labels,
            shared_with=runner.shared_with if self.shared_with is None else self.shared_with,
            owners=runner.owners if self.owners is None else self.owners,
        )
        return runner.edited(settings, revision=self.revision)


class EditRunner:
    """Edits outlive a restart: registering the runner again does not undo them."""

    def __init__(self, begin: Begin[RunnersWork], rings: Rings) -> None:
        self._begin = begin
        self._rings = rings

    def execute(self, command: EditRunnerCommand) -> RunnerStatus:
        """The runner as edited, `RunnerEditedMeanwhile`, or `InvalidRunner`. Fewer slots end nothing that runs."""
        status = changed(self._begin, command.runner, command.applied)
        self._rings.ring({READY, about_runner(status.runner.id)})
        return status
