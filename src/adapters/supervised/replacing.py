"""Which supervisor is good enough, and which one has to go."""

from ...application.ports.executor import HostUnreachable
from .bundle import bundle
from .client import Connection
from .program import frames


def replaced(connection: Connection, where: str) -> bool:
    """Whether the supervisor there leaves, so that ours can begin: another program goes if it has nothing to do.

    A busy one is as good as ours if it speaks our version; it goes when it has run out of attempts.
    """
    told = frames.parse(connection.answer(frames.control(frames.HELLO, 0, {}), frames.WELCOME))
    if told["program"] == bundle().name:
        return False
    if frames.parse(connection.answer(frames.control(frames.STOP, 0, {}), frames.STOPPING))["done"]:
        connection.close()
        return True
    if told["version"] != frames.VERSION:
        raise HostUnreachable(f"the supervisor {where} is busy and speaks version {told['version']}")
    return False
