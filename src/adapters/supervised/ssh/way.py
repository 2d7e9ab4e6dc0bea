"""The way to the supervisor of a host: sent once, found again by its hash, started by whoever comes first."""

from collections.abc import Callable
from typing import Any, Final

import paramiko

from ....application.ports.executor import HostUnreachable
from ....application.ports.ssh_hosts import HostUnfit
from ....domain.runners.ids import RunnerId
from ....domain.runners.logins import LoginSecret
from ....domain.runners.ssh import SshTarget
from ..bundle import bundle
from ..client import Connection
from ..executor import SupervisedExecutor
from ..replacing import replaced
from ..streams import Pulse
from .dialing import dial
from .greeting import far_text, greet, line_from
from .stream import ChannelStream

_PING_SECONDS: Final = 3.0
_DEAD_SECONDS: Final = 9.0
_REPLACEMENTS: Final = 3

Unlock = Callable[[], LoginSecret | None]


def _nothing() -> None:
    """Nothing is kept: the target says it all."""


def ssh_executor(runner_id: RunnerId, target: SshTarget, unlock: Unlock = _nothing) -> SupervisedExecutor:
    """The executor of a host; it connects when it is first needed. `unlock` is asked each time for what is kept to log
    in there.
    """
    return SupervisedExecutor(SshWay(directory_of(runner_id, target), target, unlock))


def directory_of(runner_id: str, target: SshTarget) -> str:
    """Where the supervisor lives: homes may be shared between hosts, so each runner has a folder of its own."""
    return f"{target.work_root.rstrip('/')}/{runner_id}"


class SshWay:
    """One SSH connection with one channel per call; closing what is returned closes both."""

    def __init__(self, directory: str, target: SshTarget, unlock: Unlock = _nothing) -> None:
        self._directory = directory
        self._target = target
        self._unlock = unlock

    def __call__(self, wake: int) -> Connection:
        """A new connection."""
        where = f"on {self._target.host}"
        for _ in range(_REPLACEMENTS):
            stream = self._reached(start=True)
            if stream is None:
                break
            pulse = Pulse(every=_PING_SECONDS, dead=_DEAD_SECONDS)
            connection = Connection(stream, wake, pulse)
            try:
                if not replaced(connection, where):
                    return connection
            except BaseException:
                connection.close()
                raise
        raise HostUnreachable(f"the supervisor {where} does not begin")

    def lives(self) -> bool:
        """Whether a supervisor answers there."""
        stream = self._reached(start=False)
        if stream is not None:
            stream.close()
        return stream is not None

    def _reached(self, *, start: bool) -> ChannelStream | None:
        transport = dial(self._target, self._unlock())
        try:
            channel = opened(transport)
            asked = asked_for(self._directory) | {"start": start}
            greet(channel, far_text("connector", asked))
            while True:
                told = line_from(channel)
                match told.get("state"):
                    case "program":
                        send_program(channel)
                    case "connected":
                        return ChannelStream(transport, channel)
                    case "absent":
                        transport.close()
                        return None
                    case _:
                        why = told.get("why")
                        raise HostUnfit(f"no supervisor can be had on {self._target.host}: {why}")  # noqa: TRY301 - the same
        except BaseException:
            transport.close()
            raise


def asked_for(directory: str) -> dict[str, Any]:
    """What a text of `far` needs to know."""
    name, text = bundle()
    return {"directory": directory, "program": name, "size": len(text.encode())}


def opened(transport: paramiko.Transport) -> paramiko.Channel:
    """A session on the connection."""
    try:
        return transport.open_session()
    except (paramiko.SSHException, EOFError) as error:
        raise HostUnreachable(f"the host opens no session: {str(error) or 'it hung up'}") from error


def send_program(channel: paramiko.Channel) -> None:
    """The supervisor's text."""
    try:
        channel.sendall(bundle().text.encode())
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise HostUnreachable("the connection broke while the supervisor was sent") from error
