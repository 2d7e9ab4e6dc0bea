"""How a process that cannot begin says so."""

from typing import Final

from rich.console import Console

from ..domain.errors import Refusal, RunyardError
from .settings import WrongSettings
from .tls import WrongCertificate

FAILURE: Final = 1
USAGE: Final = 2
CONFLICT: Final = 5


def complained(refusal: RunyardError) -> int:
    """Say why on standard error; the exit code."""
    console = Console(stderr=True, highlight=False)
    console.print(str(refusal), style="red", soft_wrap=True, markup=False)
    if isinstance(refusal, WrongSettings | WrongCertificate):
        return USAGE
    return CONFLICT if refusal.refusal is Refusal.CONFLICT else FAILURE
