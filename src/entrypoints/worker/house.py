"""This host as a runner: which one it is, and where its supervisor lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...application.ports.calling import UseCase
from ...application.ports.runners import RunnerNameTaken
from ...application.ports.system import Identifiers
from ...application.ports.work import Begin, Reading
from ...application.runners.register_runner import RegisterRunnerCommand
from ...domain.accounts.projects import DEFAULT_PROJECT
from ...domain.errors import Refusal, RunyardError
from ...domain.runners.ids import RunnerId
from ...domain.runners.runner import Runner, RunnerKind


class RunnerOfAnotherHost(RunyardError):
    """The name is known, and what belongs to it is not here."""

    refusal = Refusal.CONFLICT
    code = "runner-of-another-host"

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(
            f"runner {name!r} is known, but not from here: there is no {folder}. Choose another name with --name; "
            "or, if this host is the same and has lost its data, make that folder"
        )


class House:
    """The runner of this host and account: each has a folder named after its id in `folder`.

    So all workers of one data directory find the same supervisor, and no worker ever takes another machine's runner,
    or another database's, for its own: it would take what runs there for gone.
    """

    def __init__(
        self,
        read: Begin[Reading],
        register: UseCase[RegisterRunnerCommand, Runner],
        identifiers: Identifiers,
        folder: Path,
    ) -> None:
        self._read, self._register, self._identifiers = read, register, identifiers
        self._folder = folder

    def register(self, name: str, slots: int | None, project: str = DEFAULT_PROJECT) -> tuple[Runner, Path]:
        """The runner of this name, made known if it is not, and the folder of its supervisor."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            runner_id = self._known(name) or self._new()
            command = RegisterRunnerCommand(
                name=name,
                kind=RunnerKind.LOCAL,
                slots=slots,
                default_slots=os.cpu_count() or 1,
                id=runner_id,
                project=project,
            )
            try:
                runner = self._register.execute(command)
            except RunnerNameTaken:
                raise RunnerOfAnotherHost(name, self._folder) from None
            return runner, self._folder / runner.id

    def _known(self, name: str) -> RunnerId | None:
        with self._read() as reading:
            known = [runner_id for runner_id, called in reading.runners.names().items() if called == name]
        for runner_id in known:
            if not (self._folder / runner_id).is_dir():
                raise RunnerOfAnotherHost(name, self._folder / runner_id)
            return runner_id
        return None

    def _new(self) -> RunnerId:
        runner_id = self._identifiers.runner_id()
        (self._folder / runner_id).mkdir(mode=0o700)
        return runner_id

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two workers that start at once make one runner."""
        with (self._folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
