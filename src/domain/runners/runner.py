"""A place that takes jobs, and the lease of the process that drives it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from ..accounts.projects import DEFAULT_PROJECT
from ..errors import FieldProblem
from .agent import LEASE, AgentSide, Contact, MachineFacts, Room, Watch, contact
from .availability import Availability, AvailabilityAction, AvailabilityState
from .check import HostCheck
from .errors import DriverLost, InvalidRunner, RunnerDrivenElsewhere, RunnerEditedMeanwhile, RunnerInUse
from .ids import DriverId, RunnerId
from .settings import ALL_QUEUES, EVERYBODY, RunnerSettings
from .ssh import SshTarget
from .trouble import Trouble

DRIVER_LEASE: Final = timedelta(seconds=15)
"""Unless set otherwise; after so much silence another driver takes the runner over."""
HEARTBEATS_PER_LEASE: Final = 3


class RunnerKind(StrEnum):
    """How attempts reach the machine."""

    LOCAL = "local"
    SSH = "ssh"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverLease:
    """The right to drive a runner. `epoch` grows at each takeover, so an old driver is told apart.

    `since` is when this driver took over, `heard_at` its last heartbeat.
    """

    driver_id: DriverId
    epoch: int
    until: datetime
    since: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """`slots` attempts run at once; `queues` are those it takes from, `("*",)` being all.

    It belongs to a `project`; see `RunnerSettings` for who else may use it. `revision` counts what people edited, which
    includes `ssh`: where a runner of that kind is. `checked` is the last look at its host. `agent`: what one of that
    kind told of its machine. `watch`: what was told of it last. `trouble`: why its last driver could not reach its
    host; `refuses`: why that host, though it is reached, takes nothing for now.
    """

    id: RunnerId
    name: str
    kind: RunnerKind
    slots: int
    queues: tuple[str, ...] = (ALL_QUEUES,)
    labels: Mapping[str, str] = field(default_factory=dict)
    project: str = DEFAULT_PROJECT
    shared_with: tuple[str, ...] = ()
    owners: tuple[str, ...] = (EVERYBODY,)
    availability: Availability = Availability()
    revision: int = 1
    driver: DriverLease | None = None
    ssh: SshTarget | None = None
    trouble: Trouble | None = None
    checked: HostCheck | None = None
    agent: AgentSide | None = None
    watch: Watch = Watch()
    refuses: Trouble | None = None

    def driver_lease(self, usual: timedelta) -> timedelta:
        """How long its driver may be silent: an agent that waits for work is not asked to write every few seconds."""
        return LEASE if self.kind is RunnerKind.AGENT else usual

    def contact(self, now: datetime) -> Contact:
        """How recently its driver was heard of."""
        return contact(self.driver.heard_at if self.driver else None, left=not self.online(now), now=now)

    def taken_over(self, driver_id: DriverId, *, now: datetime, ttl: timedelta = DRIVER_LEASE) -> Self:
        """Driven by this driver from now on, or `RunnerDrivenElsewhere` while another's lease lasts.

        The same driver may take over from itself at once: that is what a restart is.
        """
        held = self.driver
        if held and held.driver_id != driver_id and held.until > now:
            raise RunnerDrivenElsewhere(self.name)
        epoch = held.epoch + 1 if held else 1
        lease = DriverLease(driver_id=driver_id, epoch=epoch, until=now + ttl, since=now, heard_at=now)
        taken = replace(self, driver=lease)
        return taken.noticed(now) if taken.reached(now) else taken

    def heard_from(self, epoch: int, *, now: datetime, ttl: timedelta = DRIVER_LEASE) -> Self:
        """The driver's lease, renewed; late is accepted as long as nobody else took over. Who drives has no trouble."""
        lease = self._lease_of(epoch)
        return replace(self, driver=replace(lease, until=now + ttl, heard_at=now), trouble=None).noticed(now)

    def given_up(self, epoch: int, *, now: datetime, trouble: str | None = None) -> Self:
        """Free to be taken over at once: its driver leaves, because of this `trouble` with the host if there is one.

        `DriverLost` if somebody else drives it by now.
        """
        left = replace(self, driver=replace(self._lease_of(epoch), until=now), refuses=None)
        if trouble is not None:
            left = replace(left, trouble=Trouble.lasting(trouble, self.trouble, now=now))
        return left.noticed(now)

    def leapt(self, epochs: int, *, now: datetime) -> Self:
        """Driven by nobody, and next under an epoch that nobody was ever told."""
        nobody = DriverLease(driver_id=DriverId("nobody"), epoch=0, until=now, since=now, heard_at=now)
        lease = self.driver or nobody
        return replace(self, driver=replace(lease, epoch=lease.epoch + epochs, until=now))

    def driven_under(self, epoch: int) -> Self:
        """The runner itself, or `DriverLost` when another driver has taken over since."""
        self._lease_of(epoch)
        return self

    def online(self, now: datetime) -> bool:
        """Whether somebody drives it."""
        return self.driver is not None and self.driver.until > now

    def reached(self, now: datetime) -> bool:
        """Whether somebody drives it and, as far as is known, reaches its host: who took over a host elsewhere has
        reached it when it was heard of again.
        """
        if not self.online(now) or self.trouble is not None:
            return False
        return self.ssh is None or (self.driver is not None and self.driver.heard_at > self.driver.since)

    def standing(self, now: datetime) -> Contact:
        """How its driver is heard of, as everybody is told; only that of an agent is late before it is gone."""
        if self.driver is None or not self.reached(now):
            return Contact.NEVER if self.driver is None else Contact.OFFLINE
        late = self.kind is RunnerKind.AGENT and self.contact(now) is Contact.LATE
        return Contact.LATE if late else Contact.ONLINE

    def noticed(self, now: datetime, left: int | None = None) -> Self:
        """With what is to be told of it now, if that is new; `left` attempts run there while it drains."""
        draining = self.availability.state is AvailabilityState.DRAINING
        known = self.watch.left if left is None else left
        watch = Watch(self.standing(now), known if draining else None)
        return self if watch == self.watch else replace(self, watch=watch)

    def takes_work(self, now: datetime) -> bool:
        """Whether it may be given new work: it is not cordoned, paused or draining."""
        return self.availability.at(now) is AvailabilityState.OPEN

    def takes_from(self, queue: str) -> bool:
        """Whether jobs of this queue may run here."""
        return ALL_QUEUES in self.queues or queue in self.queues

    def reaches(self, project: str) -> bool:
        """Whether it is there for this project: its own, or one that it is shared with."""
        return project == self.project or not {project, EVERYBODY}.isdisjoint(self.shared_with)

    def seen_from(self, projects: AbstractSet[str]) -> Self:
        """The runner without what it says of other projects than these, unless it is one of theirs."""
        if self.project in projects:
            return self
        return replace(self, shared_with=tuple(each for each in self.shared_with if each in {*projects, EVERYBODY}))

    def takes_for(self, project: str, owner: str) -> bool:
        """Whether jobs of this owner in this project may run here."""
        return self.reaches(project) and not {owner, EVERYBODY}.isdisjoint(self.owners)

    def decided(
        self, action: AvailabilityAction, *, now: datetime, until: datetime | None = None, note: str | None = None
    ) -> Self:
        """Opened or closed for new work by an operator."""
        decided = self.availability.after(action, now=now, until=until, note=note)
        return replace(self, availability=decided).noticed(now)

    def edited(self, settings: RunnerSettings, *, revision: int | None = None, target: SshTarget | None = None) -> Self:
        """With other settings, and reached elsewhere if a target is given: what was found out about the host before
        counts no more then. `RunnerEditedMeanwhile` if it is not at the `revision` the editor has seen.
        """
        if revision is not None and revision != self.revision:
            raise RunnerEditedMeanwhile(self.name, self.revision)
        if target is not None and self.ssh is None:
            raise InvalidRunner([FieldProblem("", f"a runner of kind {self.kind} is not reached by ssh")])
        moved = target is not None and target != self.ssh
        if settings == self.settings and not moved:
            return self
        before = replace(self, ssh=target, trouble=None, checked=None) if moved else self
        return replace(
            before,
            slots=settings.slots,
            queues=settings.queues,
            labels=settings.labels,
            shared_with=settings.shared_with,
            owners=settings.owners,
            revision=self.revision + 1,
        )

    def seen_as(self, facts: MachineFacts | None, *, now: datetime) -> Self:
        """With what its agent found out about the machine; only a runner of that kind has such facts."""
        return self if self.agent is None else replace(self, agent=self.agent.found(facts, now=now))

    def alarmed(self, why: str, *, now: datetime) -> Self:
        """With this for people to look at, if it is an agent."""
        return self if self.agent is None else replace(self, agent=self.agent.alarmed(why, now=now))

    def with_room(self, room: Room | None, *, now: datetime) -> Self:
        """With what its agent said is free on the machine; nothing said changes nothing."""
        if self.agent is None or room is None:
            return self
        agent = replace(self.agent, memory_free=room.memory, disk_free=room.disk)
        return replace(self, agent=agent).refusing(room.refuses, now=now)

    def refusing(self, why: str | None, *, now: datetime) -> Self:
        """Taking nothing for this reason; None: taking work again."""
        return replace(self, refuses=Trouble.lasting(why, self.refuses, now=now))

    @property
    def found_labels(self) -> Mapping[str, str]:
        """What placement goes by: what was found out about the machine, and before it what people said."""
        facts = self.agent.facts if self.agent else None
        return {**(facts.labels if facts else {}), **self.labels}

    def looked_over(self, check: HostCheck) -> Self:
        """With this look at its host. If nothing was found amiss, what kept a driver from it counts no more."""
        return replace(self, checked=check, trouble=None if check.fit else self.trouble)

    def removable(self, *, busy: int, now: datetime) -> Self:
        """The runner itself, or `RunnerInUse`: what runs there could not be reported any more."""
        if busy:
            raise RunnerInUse(self.name, f"{busy} of its slots are taken; drain it first")
        if self.kind is RunnerKind.LOCAL and self.online(now):
            raise RunnerInUse(self.name, "it is driven by a process, which would make it known again; stop that first")
        return self

    @property
    def settings(self) -> RunnerSettings:
        """What people decided about it."""
        shared, owners = self.shared_with, self.owners
        return RunnerSettings(
            slots=self.slots, queues=self.queues, labels=self.labels, shared_with=shared, owners=owners
        )

    def _lease_of(self, epoch: int) -> DriverLease:
        if self.driver is None or self.driver.epoch != epoch:
            raise DriverLost(self.name)
        return self.driver
