"""A place that takes jobs, and the lease of the process that drives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from .errors import DriverLost, RunnerDrivenElsewhere
from .ids import DriverId, RunnerId

DRIVER_LEASE: Final = timedelta(seconds=15)
HEARTBEAT_SECONDS: Final = 5.0


class RunnerKind(StrEnum):
    """How attempts reach the machine."""

    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverLease:
    """The right to drive a runner. `epoch` grows at each takeover, so an old driver is told apart."""

    driver_id: DriverId
    epoch: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """`slots` attempts run at once; `queues` are those it takes from, `("*",)` being all."""

    id: RunnerId
    name: str
    kind: RunnerKind
    slots: int
    queues: tuple[str, ...] = ("*",)
    labels: Mapping[str, str] = field(default_factory=dict)
    driver: DriverLease | None = None

    def taken_over(self, driver_id: DriverId, *, now: datetime, ttl: timedelta = DRIVER_LEASE) -> Self:
        """Driven by this driver from now on, or `RunnerDrivenElsewhere` while another's lease lasts.

        The same driver may take over from itself at once: that is what a restart is.
        """
        held = self.driver
        if held and held.driver_id != driver_id and held.until > now:
            raise RunnerDrivenElsewhere(self.name)
        epoch = held.epoch + 1 if held else 1
        return replace(self, driver=DriverLease(driver_id=driver_id, epoch=epoch, until=now + ttl))

    def heard_from(self, epoch: int, *, now: datetime, ttl: timedelta = DRIVER_LEASE) -> Self:
        """The driver's lease, renewed; late is accepted as long as nobody else took over."""
        lease = self._lease_of(epoch)
        return replace(self, driver=replace(lease, until=now + ttl))

    def driven_under(self, epoch: int) -> Self:
        """The runner itself, or `DriverLost` when another driver has taken over since."""
        self._lease_of(epoch)
        return self

    def takes_from(self, queue: str) -> bool:
        """Whether jobs of this queue may run here."""
        return "*" in self.queues or queue in self.queues

    def _lease_of(self, epoch: int) -> DriverLease:
        if self.driver is None or self.driver.epoch != epoch:
            raise DriverLost(self.name)
        return self.driver
