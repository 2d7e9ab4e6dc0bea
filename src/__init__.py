"""Runyard runs jobs on the machines people already have."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .entrypoints.client.errors import RunyardClientError, ServerUnreachable, WaitTimedOut
    from .entrypoints.client.jobs import Attempt, Job, JobSummary, Rerun, Submitted
    from .entrypoints.library import Yard, connect, embedded

__version__ = "0.1.0"

__all__ = [
    "Attempt",
    "Job",
    "JobSummary",
    "Rerun",
    "RunyardClientError",
    "ServerUnreachable",
    "Submitted",
    "WaitTimedOut",
    "Yard",
    "__version__",
    "connect",
    "embedded",
]

_HOMES = {
    "Attempt": "client.jobs",
    "Job": "client.jobs",
    "JobSummary": "client.jobs",
    "Rerun": "client.jobs",
    "RunyardClientError": "client.errors",
    "ServerUnreachable": "client.errors",
    "Submitted": "client.jobs",
    "WaitTimedOut": "client.errors",
    "Yard": "library",
    "connect": "library",
    "embedded": "library",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is: `import runyard` alone stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - needed only here

    value = getattr(import_module(f".entrypoints.{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
