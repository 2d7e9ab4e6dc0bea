"""One log line and one timing around every use case."""

import re
from time import perf_counter
from typing import Generic, TypeVar

import structlog

from ...application.ports.calling import UseCase
from ...domain.errors import Refusal, RunyardError
from ..metering import Meter

C = TypeVar("C")
R = TypeVar("R")

_ROUTINE = frozenset(
    {
        "execute_jobs",
        "assign_jobs",
        "find_crowds",
        "follow_attempts",
        "hand_out_jobs",
        "append_output",
        "report_outcomes",
        "sweep_jobs",
        "forget_keys",
        "forget_leftovers",
        "forget_audit",
        "forget_runner_events",
        "record_refusal",
        "purge_jobs",
        "authenticate",
        "authenticate_agent",
        "authenticate_attempt",
        "explain_job",
        "hear_agent",
        "renew_driver",
        "look_after_runners",
        "resolve_secrets",
    }
)


class Observed(Generic[C, R]):
    """Any use case, with one line per execution: `use_case=cancel_job outcome=done took_ms=4.2`.

    Reads and the driver's steady work are logged at `debug`, changes at `info`, faults at `error`.
    """

    def __init__(self, inner: UseCase[C, R], meter: Meter | None = None) -> None:
        self._inner = inner
        self._meter = meter
        self._name = snake_case(type(inner).__name__)
        steady = self._name in _ROUTINE or self._name.startswith(("get_", "list_", "read_"))
        self._level = "debug" if steady else "info"
        self._log = structlog.get_logger()

    def execute(self, command: C, /) -> R:
        """What the inner use case does."""
        begun = perf_counter()
        try:
            done = self._inner.execute(command)
        except RunyardError as refusal:
            level = "warning" if refusal.refusal is Refusal.UNAVAILABLE else self._level
            self._tell(level, begun, refusal.code)
            raise
        except Exception:
            self._tell("error", begun, "fault", exc_info=True)
            raise
        self._tell(self._level, begun, "done")
        return done

    def _tell(self, level: str, begun: float, outcome: str, **more: object) -> None:
        seconds = perf_counter() - begun
        if self._meter:
            self._meter.use_case_took(self._name, outcome, seconds)
        took = round(seconds * 1000, 2)
        getattr(self._log, level)("use case", use_case=self._name, outcome=outcome, took_ms=took, **more)


def snake_case(name: str) -> str:
    """`CancelJob` as `cancel_job`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
