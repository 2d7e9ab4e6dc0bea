"""What agents say. All of it is checked: an agent is trusted with its own attempts, and with no more."""

from typing import Annotated, Any, Literal

from pydantic import Field

from ...application.jobs.renew_attempts import Renewal
from ...application.jobs.report_outcomes import Fact, FencedFact
from ...application.ports.executor import Broken, Ended, Gone, Reported, Started, Voided
from ...domain.jobs.attempt import Ending, Outcome, Progress, Usage
from ...domain.jobs.ids import AttemptRef
from ...domain.runners.agent import MachineFacts, Room
from ...domain.runners.protocol import OF_THE_SILENT, Spoken
from .addresses import job_id_of
from .request_body import StrictBody

_LARGEST = 1 << 53
Size = Annotated[int, Field(ge=0, le=_LARGEST)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]
Sentence = Annotated[str, Field(max_length=4096)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
ENDINGS = Literal["exit", "signal", "timeout", "log_limit", "start_failed", "deadman"]


class SpokenBody(StrictBody):
    """The versions of the protocol that the agent speaks."""

    oldest: int = Field(default=OF_THE_SILENT.oldest, ge=0, le=_LARGEST)
    newest: int = Field(default=OF_THE_SILENT.newest, ge=0, le=_LARGEST)

    @property
    def spoken(self) -> Spoken:
        """The same as a value."""
        return Spoken(self.oldest, self.newest)


class FactsBody(StrictBody):
    """What the agent found out about its machine."""

    system: str
    release: str = ""
    architecture: str = ""
    hostname: str = ""
    cpus: int = 1
    cpu_model: str = ""
    memory_bytes: int | None = None
    disk_bytes: int | None = None
    gpus: list[str] = Field(default=[])
    addresses: list[str] = Field(default=[])
    agent_version: str = ""

    @property
    def facts(self) -> MachineFacts:
        """The same as a value, or `InvalidRunner`."""
        told: dict[str, Any] = {name: getattr(self, name) for name in type(self).model_fields}
        return MachineFacts(**told | {"gpus": tuple(self.gpus), "addresses": tuple(self.addresses)})


class RegisterBody(StrictBody):
    """A machine that becomes a runner."""

    protocol: SpokenBody = SpokenBody()
    facts: FactsBody | None = None

    @property
    def told(self) -> MachineFacts | None:
        """The facts as a value, or `InvalidRunner`."""
        return None if self.facts is None else self.facts.facts


class SessionBody(RegisterBody):
    """A process that begins to run the machine's attempts. `driver` is the same after a restart, and no other's."""

    driver: Word


class RoomBody(StrictBody):
    """What is free on the machine, in bytes, and whether it takes anything."""

    memory: Size | None = None
    disk: Size | None = None
    refuses: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="Why it takes nothing for now, for people; as long as this is said nobody wakes it."
    )

    @property
    def room(self) -> Room:
        """The same as a value."""
        return Room(self.memory, self.disk, self.refuses)


class AttemptBody(StrictBody):
    """An attempt, under the fence by which it is known."""

    job: str
    attempt: Number
    fence: Size

    @property
    def ref(self) -> AttemptRef:
        """Which one, or `JobNotFound`."""
        return AttemptRef(job_id_of(self.job), self.attempt)

    @property
    def renewal(self) -> Renewal:
        """It runs."""
        return Renewal(self.ref, self.fence)


class HostBody(StrictBody):
    """The boot of the machine that is to start what is taken."""

    boot_id: Word
    containment: Annotated[str, Field(max_length=200)] = ""


class SyncBody(StrictBody):
    """Everything an agent asks at once; each part may be left out."""

    epoch: Size = Field(description="Of the session.")
    wait: Annotated[float, Field(ge=0, le=60)] = Field(
        default=0, description="Seconds to wait for work, or for news about what runs, before the answer."
    )
    take: Annotated[int, Field(ge=0, le=100)] = Field(default=0, description="How many attempts to hand out, at most.")
    host: HostBody | None = Field(default=None, description="Needed to take something.")
    alive: Annotated[list[AttemptBody], Field(max_length=10_000)] = Field(
        default=[], description="What runs on the machine: its leases are renewed."
    )
    known: Annotated[list[AttemptBody], Field(max_length=10_000)] | None = Field(
        default=None, description="What is followed already; with this the answer tells all that lives here."
    )
    room: RoomBody | None = None

    @property
    def asks_the_books(self) -> bool:
        """Whether there is more to do than to hear of the agent."""
        return bool(self.take or self.alive) or self.known is not None


class ReportBody(AttemptBody):
    """Something that became of an attempt."""

    kind: Literal["started", "gone", "progress", "ended", "voided", "broken"]
    containment: Annotated[str, Field(max_length=200)] = ""
    offset: Size = 0
    percent: Annotated[float, Field(ge=0, le=100)] | None = None
    message: Sentence | None = None
    result: Annotated[str, Field(max_length=1 << 20)] | None = None
    boot_id: Annotated[str, Field(max_length=200)] = ""
    ending: ENDINGS = "exit"
    exit_code: Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)] | None = None
    signal: Annotated[int, Field(ge=0, le=1000)] | None = None
    tree_empty: bool | None = None
    log_size: Size | None = Field(default=None, description="How many bytes it wrote; all of them have to be stored.")
    masked: Size | None = None
    cpu_seconds: Annotated[float, Field(ge=0)] | None = None
    max_rss_bytes: Size | None = None

    @property
    def fact(self) -> FencedFact:
        """The same as a value."""
        return FencedFact(self._fact(self.ref), self.fence)

    def _fact(self, ref: AttemptRef) -> Fact:
        match self.kind:
            case "started":
                return Started(ref, self.containment)
            case "gone":
                return Gone(ref, self.offset)
            case "progress":
                silent = self.percent is None and self.message is None
                said = None if silent else Progress(percent=self.percent, message=self.message)
                return Reported(ref, said, self.result)
            case "ended":
                return Ended(ref, self._outcome())
            case "voided":
                return Voided(ref, self.boot_id)
            case "broken":
                return Broken(ref, self.message or "its supervisor died", self.tree_empty)

    def _outcome(self) -> Outcome:
        used = self.cpu_seconds is not None and self.max_rss_bytes is not None
        return Outcome(
            ending=Ending(self.ending),
            exit_code=self.exit_code,
            signal=self.signal,
            message=self.message,
            tree_empty=self.tree_empty,
            log_size=self.log_size,
            masked=self.masked,
            usage=Usage(cpu_seconds=self.cpu_seconds or 0.0, max_rss_bytes=self.max_rss_bytes or 0) if used else None,
        )


class ReportsBody(StrictBody):
    """What became of attempts; of each in order."""

    reports: Annotated[list[ReportBody], Field(max_length=10_000)]


class ByeBody(StrictBody):
    """The session that ends."""

    epoch: Size
