"""How long the state machine runs."""

import os
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from .houses import Houses
from .machine import Machine


def prove(houses: Callable[[], Houses], *, examples: int, steps: int, shrink: bool = True) -> None:
    """So many examples of so many calls each, or as many as the environment asks for."""

    class Proved(Machine):
        def __init__(self) -> None:
            super().__init__(houses)

    run_state_machine_as_test(
        Proved,
        settings=settings(
            max_examples=int(os.environ.get("RUNYARD_EXAMPLES", examples)),
            stateful_step_count=int(os.environ.get("RUNYARD_STEPS", steps)),
            suppress_health_check=list(HealthCheck),
            deadline=None,
            database=None,
            # A search that has to find something finds the same each time; one that must not looks elsewhere each time.
            derandomize=settings().derandomize or not shrink,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        ),
    )
