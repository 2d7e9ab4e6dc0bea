"""How a use case is called, so that one may be given to another, watched or not."""

from typing import Protocol, TypeVar

C_contra = TypeVar("C_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class UseCase(Protocol[C_contra, R_co]):
    """One thing the service does."""

    def execute(self, command: C_contra, /) -> R_co:
        """Do it, or raise a `RunyardError` and leave everything as it was."""
