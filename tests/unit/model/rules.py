"""The rules of the protocol, each with a switch, and its constants in seconds."""

from dataclasses import dataclass, replace
from typing import Final, Self

POLL: Final = 5
HEARTBEAT: Final = 5
RPC_TIMEOUT: Final = 10
GIVE_UP: Final = 20
WINDOW: Final = 30
HOLD: Final = 60
HOLD_AFTER: Final = 15
GRACE: Final = 10
MARGIN: Final = 5
TOLERANCE: Final = 110
DRIFT: Final = 0.002


@dataclass(frozen=True)
class Rules:
    """All on is the protocol. The names are those the stories are told under."""

    # starting
    excl: bool = True
    """The owner record is created exclusively: a doubled start never executes."""
    arm: bool = True
    """The database allows the start after hello and before the message is sent."""
    window: bool = True
    """A start is valid for 30 s from its hello, by the host's own clock."""
    void: bool = True
    """Only the host's promise that nothing will start there gives an armed attempt back, never 'absent'."""
    purge_wait: bool = True
    """A forgotten directory stays as a tombstone for the window."""
    boot_of_arm: bool = True
    """A void from another boot than the armed one is a loss."""

    # leases
    base_sent: bool = True
    """The lease counts from the host's stamp in the message that was acknowledged."""
    renew_first: bool = True
    """Renew in the database, then acknowledge."""
    floor: bool = True
    """The lease is at least grace + margin + tolerance."""
    late_kill: bool = True
    """Past the end of the lease there is no grace."""
    lease_only: bool = True
    """The end of a driver's lease loses nothing."""
    sweep_hold: bool = True
    """After a gap in sweeping nothing is called lost for a while."""
    armed_counts: bool = True
    """Armed and unseen at the end of its lease is a loss, not a free release."""
    give_up: bool = True
    """A driver that cannot reach its host hands it back."""

    # adoption and collecting
    one_takeover: bool = True
    """Driver row and all fences change in one transaction."""
    reconcile: bool = True
    """A driver reads its live rows again and again, and resolves what it does not remember."""
    fence_at_send: bool = True
    """A fact is written under the fence of its sender, not the one the attempt started under."""
    record_first: bool = True
    """A recorded outcome beats another boot and a dead supervisor."""
    append_fenced: bool = True
    """Output is appended under the fence and only where the log ends."""
    offset_commit: bool = True
    """The host drops output only after it is committed."""

    # cancelling
    cancel_flag: bool = True
    """The flag is looked at wherever an attempt could be given another chance."""

    def without(self, *names: str) -> Self:
        return replace(self, **dict.fromkeys(names, False))

    @property
    def lease(self) -> float:
        """How long a host of kind ssh goes on without any driver."""
        if not self.floor:
            return 3 * POLL + GRACE + MARGIN
        return (GRACE + MARGIN + TOLERANCE) / (1 - DRIFT)

    @property
    def margin(self) -> float:
        return MARGIN + DRIFT * self.lease
