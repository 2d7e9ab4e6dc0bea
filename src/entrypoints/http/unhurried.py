"""How long a refusal at a door takes: the same whatever was wrong with the token, so that its time tells nothing."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Final, TypeVar

from ...domain.accounts.errors import TooManyGuesses, Unauthenticated
from ...domain.runners.passes import PassRefused

REFUSAL_SECONDS: Final = 0.005
"""Ten times what it takes to find out; an event loop's timers are too coarse to hide so little, a thread's are not."""

T = TypeVar("T")


def unhurried(admitted: Callable[[], T]) -> T:
    """Whoever is admitted, at once; or the refusal, `REFUSAL_SECONDS` after the question. Called in a thread."""
    asked = monotonic()
    try:
        return admitted()
    except (Unauthenticated, PassRefused, TooManyGuesses):
        sleep(max(0.0, asked + REFUSAL_SECONDS - monotonic()))
        raise
