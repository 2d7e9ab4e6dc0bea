"""What the door needs from the house. Wiring makes it; nothing here knows how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...application.jobs.cancel_job import CancelJobCommand
from ...application.jobs.cancel_jobs import CancelJobsCommand, Meant
from ...application.jobs.create_jobs import Created, CreateJobsCommand
from ...application.jobs.explain_job import ExplainJobCommand
from ...application.jobs.force_finish import ForceFinishCommand
from ...application.jobs.get_job import GetJobCommand
from ...application.jobs.get_summary import GetSummaryCommand
from ...application.jobs.list_attempts import AttemptRecord, ListAttemptsCommand
from ...application.jobs.list_jobs import ListJobsCommand
from ...application.jobs.list_queues import ListQueuesCommand
from ...application.jobs.pause_job import PauseJobCommand
from ...application.jobs.pause_queue import PauseQueueCommand
from ...application.jobs.queue_status import QueueStatus
from ...application.jobs.read_log import LogPart, ReadLogCommand
from ...application.jobs.rerun_job import RerunJobCommand
from ...application.jobs.rerun_jobs import RerunJobsCommand, Reruns
from ...application.jobs.resume_job import ResumeJobCommand
from ...application.jobs.resume_queue import ResumeQueueCommand
from ...application.ports.calling import UseCase
from ...application.ports.jobs import JobPage, JobRecord, JobSummary
from ...application.ports.rings import Rings
from ...domain.jobs.explanation import Explanation
from ...domain.jobs.job import Job
from ...domain.jobs.queues import QueuePause
from ...domain.runners.ids import RunnerId
from ..metering import Meter
from .provided_accounts import ProvidedAccounts
from .provided_runners import ProvidedRunners
from .provided_secrets import ProvidedSecrets
from .reference import installed_assets
from .shutdown import Shutdown
from .terms import Terms

RunnerNames = Callable[[], Mapping[RunnerId, str]]
"""What each runner is called, as it is now."""

Authenticate = Callable[[str], bool]
"""Whether this is a token that opens the door."""

Metrics = Callable[[], bytes]
"""What is counted, and how everything stands, as Prometheus reads it."""

Check = Callable[[], object]
"""Returns if what it looks at works, raises if not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """Ready-made objects. `readiness` names what must work before requests make sense, `helpful` what merely makes
    things quicker; `assets` holds Swagger UI, if there is one; `metrics` need a token unless they are `metrics_open`.
    """

    create_jobs: UseCase[CreateJobsCommand, list[Created]]
    get_job: UseCase[GetJobCommand, JobRecord]
    get_summary: UseCase[GetSummaryCommand, JobSummary]
    list_jobs: UseCase[ListJobsCommand, JobPage]
    list_attempts: UseCase[ListAttemptsCommand, list[AttemptRecord]]
    read_log: UseCase[ReadLogCommand, LogPart]
    rerun_job: UseCase[RerunJobCommand, Created]
    rerun_jobs: UseCase[RerunJobsCommand, Reruns]
    cancel_jobs: UseCase[CancelJobsCommand, Meant]
    cancel_job: UseCase[CancelJobCommand, Job]
    explain_job: UseCase[ExplainJobCommand, Explanation]
    list_queues: UseCase[ListQueuesCommand, list[QueueStatus]]
    pause_queue: UseCase[PauseQueueCommand, QueuePause]
    resume_queue: UseCase[ResumeQueueCommand, None]
    runners: ProvidedRunners
    accounts: ProvidedAccounts
    secrets: ProvidedSecrets
    pause_job: UseCase[PauseJobCommand, Job]
    resume_job: UseCase[ResumeJobCommand, Job]
    force_finish: UseCase[ForceFinishCommand, Job]
    runner_names: RunnerNames
    rings: Rings
    authenticate: Authenticate
    version: str
    terms: Terms = field(default_factory=Terms)
    shutdown: Shutdown = field(default_factory=Shutdown)
    readiness: Mapping[str, Check] = field(default_factory=dict)
    metrics: Metrics = bytes
    metrics_open: bool = False
    meter: Meter | None = None
    helpful: Mapping[str, Check] = field(default_factory=dict)
    assets: Path | None = field(default_factory=installed_assets)
