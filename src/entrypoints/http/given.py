"""The bridge to Litestar: how a controller gets a use case by name, guarded for whoever asks."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation
from litestar.types import Scope

from ...application.jobs.cancel_job import CancelJobCommand
from ...application.jobs.get_job import GetJobCommand
from ...application.jobs.list_attempts import AttemptRecord, ListAttemptsCommand
from ...application.jobs.read_log import LogPart, ReadLogCommand
from ...application.ports.calling import UseCase
from ...application.ports.jobs import JobRecord
from ...domain.jobs.job import Job
from .auth import who_asks
from .provided import Provided, RunnerNames
from .threads import StreamThreads

GetJob = NamedDependency[SkipValidation[UseCase[GetJobCommand, JobRecord]]]
ListAttempts = NamedDependency[SkipValidation[UseCase[ListAttemptsCommand, list[AttemptRecord]]]]
CancelJob = NamedDependency[SkipValidation[UseCase[CancelJobCommand, Job]]]
Names = NamedDependency[SkipValidation[RunnerNames]]
ReadLog = NamedDependency[SkipValidation[UseCase[ReadLogCommand, LogPart]]]
Threads = NamedDependency[SkipValidation[StreamThreads]]
Everything = NamedDependency[SkipValidation[Provided]]
House = NamedDependency[SkipValidation[Provided]]
"""The same for those outside the door, whom it lets look at health, and log in."""

_UNGUARDED: Final = frozenset({"version"})


def given(value: Any) -> Provide:
    """Litestar reads signatures and a ready-made object has none, hence the lambda."""
    return Provide(lambda: value, sync_to_thread=False)


def dependencies(provided: Provided, threads: StreamThreads) -> Mapping[str, Provide]:
    """Everything provided, each under its own name, and all of it as `provided`: guarded for whoever asks."""

    def everything(scope: Scope) -> Provided:
        who = who_asks(scope)
        if who is None:
            raise AssertionError("a handler outside the door asks for what is behind it")
        return provided.asked_by(who)

    def one(name: str) -> Provide:
        def field(scope: Scope) -> Any:
            return getattr(everything(scope), name)

        return Provide(field, sync_to_thread=False)

    named = {each.name: one(each.name) for each in fields(provided) if each.name not in _UNGUARDED}
    open_to_all = {"version": given(provided.version), "threads": given(threads), "house": given(provided)}
    return {**named, **open_to_all, "provided": Provide(everything, sync_to_thread=False)}
