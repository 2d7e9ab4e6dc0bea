"""What runners refuse, and why."""

from ..errors import Refusal, RunyardError


class RunnerNotFound(RunyardError):
    """No runner has this id or name."""

    refusal = Refusal.NOT_FOUND
    code = "runner-not-found"

    def __init__(self, runner: str) -> None:
        super().__init__(f"no runner is known as {runner!r}")


class RunnerDrivenElsewhere(RunyardError):
    """Another driver holds the lease of the runner."""

    refusal = Refusal.CONFLICT
    code = "runner-driven-elsewhere"

    def __init__(self, name: str) -> None:
        super().__init__(f"runner {name!r} is driven by another process; its lease ends within seconds of its death")


class DriverLost(RunyardError):
    """This driver's lease went to somebody else; it must stop driving."""

    refusal = Refusal.CONFLICT
    code = "driver-lost"

    def __init__(self, name: str) -> None:
        super().__init__(f"runner {name!r} was taken over by another driver")
