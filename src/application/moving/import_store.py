"""Import a store: everything an archive holds, into an empty one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...domain.accounts.account import Account
from ...domain.accounts.projects import Project
from ...domain.accounts.tokens import Token
from ...domain.audit.entry import AuditEntry
from ...domain.errors import Refusal, RunyardError
from ...domain.jobs.job import Job
from ...domain.jobs.log import LogChunk
from ...domain.jobs.queues import QueuePause
from ...domain.limits.limits import ProjectLimits
from ...domain.runners.events import RunnerEvent
from ...domain.runners.ids import RunnerId
from ...domain.runners.logins import login_place
from ...domain.runners.passes import RunnerPass
from ...domain.runners.runner import Runner, RunnerKind
from ..ports.archive import ArchiveReader, Counts, Item
from ..ports.holdings import KeyLimit, WholeJob, WholeLogin, WholeSecret
from ..ports.moving_work import ImportWork
from ..ports.submission_keys import Reservation
from ..ports.work import Begin

JOBS: Final = 50
ROWS: Final = 1000
OUTPUT: Final = 4 << 20


class StoreNotEmpty(RunyardError):
    """There is something in the store already; two stores cannot be made one."""

    refusal = Refusal.CONFLICT
    code = "store-not-empty"

    def __init__(self) -> None:
        super().__init__("the store is not empty, and an import never mixes; choose a new database or data directory")


class LiveElsewhere(RunyardError):
    """A job's processes run under a supervisor that nobody would find from here."""

    refusal = Refusal.CONFLICT
    code = "live-elsewhere"

    def __init__(self, job: Job, runner: str) -> None:
        super().__init__(
            f"job {job.id} is {job.state} under the supervisor of runner {runner!r}, which could not be found from "
            "here, and would be taken for lost; let what runs end before the export, or see docs/moving.md"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStoreCommand:
    """Everything. `adoptable`: the runners, by name, whose attempts may live on; None: all of them."""

    adoptable: frozenset[str] | None = None


class ImportStore:
    """One transaction, in bounded memory: an import that fails has done nothing, and may be begun again."""

    def __init__(self, begin: Begin[ImportWork], archive: ArchiveReader) -> None:
        self._begin = begin
        self._archive = archive

    def execute(self, command: ImportStoreCommand) -> Counts:
        """What is in the store now, or `StoreNotEmpty`, `LiveElsewhere`, `ArchiveUnreadable`."""
        with self._begin() as work:
            if not work.intake.empty():
                raise StoreNotEmpty
            load = _Load(work)
            for item in self._archive.items():
                if isinstance(item, WholeJob):
                    _refuse_what_nobody_adopts(item.job, load.runners, command.adoptable)
                load.take(item)
            load.put_down()
            work.commit()
        return self._archive.counts()


@dataclass(slots=True)
class _Load:
    """What was read and is not stored yet: a job always before its output."""

    work: ImportWork
    runners: dict[RunnerId, Runner] = field(default_factory=dict)
    jobs: list[WholeJob] = field(default_factory=list)
    chunks: list[LogChunk] = field(default_factory=list)
    limits: list[KeyLimit] = field(default_factory=list)
    keys: list[Reservation] = field(default_factory=list)
    secrets: list[WholeSecret] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    events: list[RunnerEvent] = field(default_factory=list)
    size: int = 0

    def take(self, item: Item) -> None:
        match item:
            case Project() | ProjectLimits() | Account() | Token():
                self.work.intake.add_owners([item])
            case Runner() | RunnerPass() | WholeLogin():
                self._add(item)
            case QueuePause():
                self.work.queues.pause(item)
            case KeyLimit() | Reservation() | WholeSecret() | AuditEntry() | RunnerEvent():
                self._take_row(item)
            case WholeJob():
                self.jobs.append(item)
            case LogChunk():
                self.chunks.append(item)
                self.size += item.size
        if len(self.jobs) >= JOBS or self.size >= OUTPUT or self._rows() >= ROWS:
            self.put_down()

    def _add(self, item: Runner | RunnerPass | WholeLogin) -> None:
        if isinstance(item, RunnerPass):
            self.work.passes.add(item)
        elif isinstance(item, WholeLogin):
            self.work.sealed.put(login_place(item.runner_id), item.sealed)
        else:
            self.work.runners.add(item)
            self.runners[item.id] = item

    def _take_row(self, item: KeyLimit | Reservation | WholeSecret | AuditEntry | RunnerEvent) -> None:
        match item:
            case KeyLimit():
                self.limits.append(item)
            case Reservation():
                self.keys.append(item)
            case WholeSecret():
                self.secrets.append(item)
            case AuditEntry():
                self.entries.append(item)
            case RunnerEvent():
                self.events.append(item)

    def _rows(self) -> int:
        return len(self.limits) + len(self.keys) + len(self.secrets) + len(self.entries) + len(self.events)

    def put_down(self) -> None:
        self.work.intake.add_limits(self.limits)
        self.work.intake.add_keys(self.keys)
        self.work.intake.add_secrets(self.secrets)
        self.work.audit.append(self.entries)
        self.work.runner_events.append(self.events)
        self.work.intake.add_jobs(self.jobs)
        self.work.logs.append(self.chunks)
        self.jobs, self.chunks, self.limits, self.keys, self.secrets = [], [], [], [], []
        self.entries, self.events, self.size = [], [], 0


def _refuse_what_nobody_adopts(job: Job, runners: Mapping[RunnerId, Runner], adoptable: frozenset[str] | None) -> None:
    if adoptable is None or not job.live or not job.current.armed:
        return
    runner = runners.get(job.current.runner_id)
    if runner is not None and runner.kind is not RunnerKind.LOCAL:
        return  # its supervisor is on its host, and found from anywhere; or it comes by itself
    name = job.current.runner_id if runner is None else runner.name
    if name not in adoptable:
        raise LiveElsewhere(job, name)
