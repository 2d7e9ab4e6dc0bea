"""The bridge to Litestar: how a controller gets a use case by name."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from ...application.jobs.cancel_job import CancelJobCommand
from ...application.jobs.get_job import GetJobCommand
from ...application.jobs.list_attempts import AttemptRecord, ListAttemptsCommand
from ...application.jobs.read_log import LogPart, ReadLogCommand
from ...application.ports.calling import UseCase
from ...application.ports.jobs import JobRecord
from ...domain.jobs.job import Job
from .provided import Provided, RunnerNames
from .threads import StreamThreads

GetJob = NamedDependency[SkipValidation[UseCase[GetJobCommand, JobRecord]]]
ListAttempts = NamedDependency[SkipValidation[UseCase[ListAttemptsCommand, list[AttemptRecord]]]]
CancelJob = NamedDependency[SkipValidation[UseCase[CancelJobCommand, Job]]]
Names = NamedDependency[SkipValidation[RunnerNames]]
ReadLog = NamedDependency[SkipValidation[UseCase[ReadLogCommand, LogPart]]]
Threads = NamedDependency[SkipValidation[StreamThreads]]
Everything = NamedDependency[SkipValidation[Provided]]


def given(value: Any) -> Provide:
    """Litestar reads signatures and a ready-made object has none, hence the lambda."""
    return Provide(lambda: value, sync_to_thread=False)


def dependencies(provided: Provided, threads: StreamThreads) -> Mapping[str, Provide]:
    """Everything provided, each under its own name, and all of it as `provided`."""
    named = {field.name: getattr(provided, field.name) for field in fields(provided)}
    return {name: given(value) for name, value in {**named, "provided": provided, "threads": threads}.items()}
