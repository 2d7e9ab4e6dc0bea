"""The parts of an agent, which does without everything that a server needs."""

from pathlib import Path
from typing import Any

from ...adapters.supervised.pipe import local_executor
from ...adapters.system.clock import MonotonicClock
from ...application.jobs.execute_jobs import ExecuteJobs
from ..agent.remote import Asked, Remote
from ..agent.waiting import Waiting
from ..worker.driver import Driver
from ..worker.driving import Driving


def agent_driver(remote: Remote, waiting: Waiting, folder: Path, containment: str) -> Driver:
    """What drives this machine by the books of the server, through the supervisor in this folder."""
    host: Any = local_executor(folder, containment=containment or None)
    driving = Driving(
        adopt=Asked(remote.adopt),
        renew=Asked(remote.renew_driver),
        execute=ExecuteJobs(host, remote.bookkeeping),
        host=host,
        rings=waiting,
        clock=MonotonicClock(),
    )
    return Driver(driving, Asked(remote.release))
