"""What the door needs from the house. Wiring makes it; nothing here knows how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Self

from ...application.accounts.create_token import Issued
from ...application.accounts.guard import Guarded, Who
from ...application.accounts.log_in import LogInCommand
from ...application.accounts.requiring import GuardReading
from ...application.accounts.telling import Refusals
from ...application.audit.list_audit import ListAuditCommand
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
from ...application.ports.work import Begin
from ...domain.accounts.errors import Unauthenticated
from ...domain.audit.entry import AuditPage
from ...domain.jobs.explanation import Explanation
from ...domain.jobs.job import Job
from ...domain.jobs.queues import QueuePause
from ...domain.runners.ids import RunnerId
from ..doorkeeper import Doorkeeper
from ..metering import Meter
from .provided_accounts import ProvidedAccounts
from .provided_agent import ProvidedAgent
from .provided_runners import ProvidedRunners
from .provided_secrets import ProvidedSecrets
from .reference import installed_assets
from .shutdown import Shutdown
from .terms import Terms

RunnerNames = Callable[[], Mapping[RunnerId, str]]
"""What each runner is called, as it is now."""

Metrics = Callable[[], bytes]
"""What is counted, and how everything stands, as Prometheus reads it."""

Check = Callable[[], object]
"""Returns if what it looks at works, raises if not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """Ready-made objects. `readiness` names what must work before requests make sense, `helpful` what merely makes
    things quicker; `assets` holds Swagger UI, if there is one; `metrics` need a token unless they are `metrics_open`.
    `log_in` is for those who have no token yet, and so it is not guarded; `agents` is for runners, and for nobody else;
    `refusals` are told, whoever asks.
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
    read: Begin[GuardReading]
    doorkeeper: Doorkeeper
    log_in: UseCase[LogInCommand, Issued]
    list_audit: UseCase[ListAuditCommand, AuditPage]
    refusals: Refusals
    version: str
    terms: Terms = field(default_factory=Terms)
    shutdown: Shutdown = field(default_factory=Shutdown)
    readiness: Mapping[str, Check] = field(default_factory=dict)
    metrics: Metrics = bytes
    metrics_open: bool = False
    meter: Meter | None = None
    helpful: Mapping[str, Check] = field(default_factory=dict)
    assets: Path | None = field(default_factory=installed_assets)
    agents: ProvidedAgent | None = None
    who: Who | None = None

    def asked_by(self, who: Who) -> Self:
        """The same for one caller: every use case asks who it is, each time, and does only what that one may have done.

        Nothing else is ever handed to a controller behind the door.
        """
        guarded = _guarded(self, lambda use_case: Guarded(use_case, who, self.read, self.refusals))
        return replace(self, who=who, agents=None, **guarded)

    @property
    def caller(self) -> Who:
        """Who is calling."""
        if self.who is None:
            raise Unauthenticated("this needs a token: `Authorization: Bearer <token>`")
        return self.who


def _guarded(what: Any, guard: Callable[[Any], Any]) -> dict[str, Any]:
    """The use cases among the fields, guarded; groups of use cases too."""
    guarded: dict[str, Any] = {}
    for each in fields(what):
        value = getattr(what, each.name)
        if each.name in _GROUPS:
            guarded[each.name] = replace(value, **_guarded(value, guard))
        elif hasattr(value, "execute") and each.name not in _OPEN:
            guarded[each.name] = guard(value)
    return guarded


_GROUPS: Final = frozenset({"runners", "accounts", "secrets"})
_OPEN: Final = frozenset({"log_in", "refusals"})
