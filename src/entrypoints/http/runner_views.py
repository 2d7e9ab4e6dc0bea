"""Runners as everybody outside sees them."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ...application.runners.status import RunnerState, RunnerStatus
from ...domain.runners.availability import AvailabilityState
from ...domain.runners.check import HostCheck, Verdict
from ...domain.runners.logins import KeptKind
from ...domain.runners.runner import RunnerKind
from ...domain.runners.ssh import HostKey, SshLogin, SshTarget
from ...domain.runners.trouble import Trouble
from .machine_views import AgentView
from .spec_views import Moment


class HostKeyView(BaseModel):
    """A host's public key."""

    model_config = ConfigDict(frozen=True)

    type: str
    fingerprint: str = Field(description="As `ssh-keygen -l` shows it.")
    key: str = Field(description="As it stands in `known_hosts`, without the host.")

    @classmethod
    def of(cls, key: HostKey) -> Self:
        """The key."""
        return cls(type=key.type, fingerprint=key.fingerprint, key=f"{key.type} {key.data}")


class KeptView(BaseModel):
    """What is kept sealed to log in with: all that anybody is told of it."""

    model_config = ConfigDict(frozen=True)

    kind: KeptKind
    fingerprint: str | None = Field(description="Of a key: its type and its fingerprint, as `ssh-keygen -l` shows it.")


class KeyView(BaseModel):
    """How we log in."""

    model_config = ConfigDict(frozen=True)

    file: str | None
    agent: bool
    kept: KeptView | None

    @classmethod
    def of(cls, login: SshLogin) -> Self:
        """The login."""
        kept = login.kept
        shown = None if kept is None else KeptView(kind=kept.kind, fingerprint=kept.fingerprint)
        return cls(file=login.key_file, agent=login.agent, kept=shown)


class SshView(BaseModel):
    """Where a runner of kind `ssh` is."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    user: str
    key: KeyView
    host_keys: list[HostKeyView] = Field(description="The only keys it is believed to have.")
    work_root: str

    @classmethod
    def of(cls, target: SshTarget) -> Self:
        """The target."""
        return cls(
            host=target.host,
            port=target.port,
            user=target.user,
            key=KeyView.of(target.login),
            host_keys=[HostKeyView.of(key) for key in target.host_keys],
            work_root=target.work_root,
        )


class TroubleView(BaseModel):
    """What keeps the drivers of a runner from its host, or work from it."""

    model_config = ConfigDict(frozen=True)

    why: str
    since: Moment

    @classmethod
    def of(cls, trouble: Trouble | None) -> Self | None:
        """The trouble, if there is some."""
        return None if trouble is None else cls(why=trouble.why, since=trouble.since)


class FindingView(BaseModel):
    """One thing that was looked at."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="An open code.")
    verdict: Verdict = Field(description="`refused`: this keeps the host from being a runner.")
    told: str


class CheckView(BaseModel):
    """The last look at the host."""

    model_config = ConfigDict(frozen=True)

    at: Moment
    fit: bool = Field(description="Whether nothing keeps the host from being a runner.")
    cores: int | None
    findings: list[FindingView]

    @classmethod
    def of(cls, check: HostCheck) -> Self:
        """The check."""
        found = [FindingView(name=each.name, verdict=each.verdict, told=each.told) for each in check.findings]
        return cls(at=check.at, fit=check.fit, cores=check.cores, findings=found)


class RunnerView(BaseModel):
    """A runner as it is now. What it does (`state`) and what it may do (`availability`) are two things."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: RunnerKind
    state: RunnerState = Field(
        description="`offline`: nobody drives or reaches it; `late`: its agent is overdue; `busy`: every slot is taken."
    )
    availability: AvailabilityState = Field(description="Only an `open` runner is given new work.")
    until: Moment | None = Field(description="The end of a pause, or the deadline of a drain.")
    note: str | None = Field(description="Why it was closed.")
    since: Moment | None = Field(description="Since when it is closed.")
    drained: bool = Field(description="Whether it was drained and nothing lives there any more.")
    slots: int
    busy: int = Field(description="How many attempts live there.")
    queues: list[str] = Field(description="The queues it takes from; `*` is all.")
    labels: dict[str, str]
    project: str = Field(description="The project it belongs to.")
    shared_with: list[str] = Field(description="Other projects that may use it; `*` is all.")
    owners: list[str] = Field(description="Whose jobs it takes; `*` is everybody's.")
    revision: int = Field(description="How often it was edited; the `ETag`.")
    driver: str | None = Field(description="The process that drives it, or drove it last.")
    driven_since: Moment | None
    heard_at: Moment | None = Field(description="When its driver was last heard of.")
    ssh: SshView | None = Field(description="Where it is, of kind `ssh`.")
    trouble: TroubleView | None = Field(description="Why its host cannot be reached, if it cannot.")
    refuses: TroubleView | None = Field(
        description="Why its host takes nothing for now, if it is reached and does not."
    )
    checked: CheckView | None = Field(description="The last look at its host, of kind `ssh`.")
    agent: AgentView | None = Field(description="What is known of its machine, of kind `agent`.")

    @classmethod
    def of(cls, status: RunnerStatus) -> Self:
        """The runner at the moment it was read."""
        runner, driver = status.runner, status.runner.driver
        closed = runner.availability if status.availability is not AvailabilityState.OPEN else None
        return cls(
            id=runner.id,
            name=runner.name,
            kind=runner.kind,
            state=status.state,
            availability=status.availability,
            until=closed.until if closed else None,
            note=closed.note if closed else None,
            since=closed.since if closed else None,
            drained=status.drained,
            slots=runner.slots,
            busy=status.busy,
            queues=list(runner.queues),
            labels=dict(runner.labels),
            project=runner.project,
            shared_with=list(runner.shared_with),
            owners=list(runner.owners),
            revision=runner.revision,
            driver=driver.driver_id if driver else None,
            driven_since=driver.since if driver else None,
            heard_at=driver.heard_at if driver else None,
            ssh=SshView.of(runner.ssh) if runner.ssh else None,
            trouble=TroubleView.of(runner.trouble),
            refuses=TroubleView.of(runner.refuses),
            checked=CheckView.of(runner.checked) if runner.checked else None,
            agent=AgentView.of(runner.agent) if runner.agent else None,
        )


class RunnersView(BaseModel):
    """All runners, by name."""

    model_config = ConfigDict(frozen=True)

    items: list[RunnerView]
