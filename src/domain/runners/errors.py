"""What runners refuse, and why."""

from dataclasses import dataclass

from ..accounts.ids import TokenId
from ..errors import InvalidFields, Refusal, RunyardError
from .ids import RunnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What it was that opened nothing, as far as it is known, and why not; `told`: the audit trail knows already."""

    why: str
    runner_id: RunnerId | None = None
    pass_id: TokenId | None = None
    told: bool = False


class InvalidRunner(InvalidFields):
    """A runner cannot have these values; `problems` names each one."""

    code = "invalid-runner"


class RunnerNotFound(RunyardError):
    """No runner has this id or name."""

    refusal = Refusal.NOT_FOUND
    code = "runner-not-found"

    def __init__(self, runner: str) -> None:
        super().__init__(f"no runner is known as {runner!r}; `GET /api/v1/runners` lists those there are")


class RunnerDrivenElsewhere(RunyardError):
    """Another driver holds the lease of the runner. By what a machine wanted it is `shown` for the audit trail."""

    refusal = Refusal.CONFLICT
    code = "runner-driven-elsewhere"

    def __init__(self, name: str) -> None:
        super().__init__(f"runner {name!r} is driven by another process; its lease ends within seconds of its death")
        self.shown: Shown | None = None


class DriverLost(RunyardError):
    """This driver's lease went to somebody else; it must stop driving."""

    refusal = Refusal.CONFLICT
    code = "driver-lost"

    def __init__(self, name: str) -> None:
        super().__init__(f"runner {name!r} was taken over by another driver")


class RunnerEditedMeanwhile(RunyardError):
    """Somebody else edited the runner first; nothing was changed."""

    refusal = Refusal.CONFLICT
    code = "runner-edited-meanwhile"

    def __init__(self, name: str, revision: int) -> None:
        super().__init__(f"runner {name!r} was edited meanwhile and is at revision {revision}; look again and retry")


class RunnerInUse(RunyardError):
    """The runner cannot be removed while something lives there or somebody drives it."""

    refusal = Refusal.CONFLICT
    code = "runner-in-use"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"runner {name!r} cannot be removed: {why}")
