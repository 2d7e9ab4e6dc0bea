"""Values with sensible defaults, so that a test names only what it is about."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from struct import pack
from typing import Any, Final

from runyard.application.ports.jobs import LaneShare, NewJob
from runyard.domain.jobs.attempt import Attempt, Ending, Outcome
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.lanes import Lane
from runyard.domain.jobs.spec import JobSpec
from runyard.domain.jobs.states import FINAL_STATES, LIVE_STATES, JobState
from runyard.domain.runners.check import HostFacts
from runyard.domain.runners.ids import RunnerId
from runyard.domain.runners.runner import Runner, RunnerKind
from runyard.domain.runners.ssh import HostKey, SshLogin, SshTarget

NOON: Final = datetime(2030, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
BOOT: Final = "6f1c1e5e-0000-4000-8000-00000000b007"

_numbers = count(1)


def a_uuid() -> str:
    """A canonical UUID that sorts after all earlier ones of this process; its end is unlike its neighbours'."""
    number = next(_numbers)
    return (
        f"01900000-{number >> 16 & 0xFFFF:04x}-7{number >> 4 & 0xFFF:03x}-8{number & 0xF:03x}-{_scrambled(number):012x}"
    )


def a_job_id() -> JobId:
    return JobId(a_uuid())


def a_runner_id() -> RunnerId:
    return RunnerId(a_uuid())


def a_spec(**values: Any) -> JobSpec:
    return JobSpec(**{"command": ("true",), **values})


def a_lane(queue: str = "default", **values: Any) -> Lane:
    return a_spec(queue=queue, **values).lane


def a_share(queue: str = "default", most: int = 100, floor: int | None = None) -> LaneShare:
    """What to take from the lane of a queue."""
    return LaneShare(a_lane(queue).key, most, floor)


def an_attempt(**values: Any) -> Attempt:
    """Live, never armed; a given `outcome` ends it."""
    if "outcome" in values:
        values.setdefault("ended_at", NOON)
    defaults = {"number": 1, "runner_id": a_runner_id(), "claimed_at": NOON}
    return Attempt(**{**defaults, **values})


def a_job(spec: JobSpec | None = None, **values: Any) -> Job:
    """Queued since noon; another `state` brings the attempt, the fence and the end that belong to it."""
    state = JobState(values.get("state", JobState.QUEUED))
    now = values.get("created_at", NOON)
    job = Job.submitted(values.pop("id", None) or a_job_id(), spec or a_spec(), now=now)
    fitting: dict[str, Any] = {}
    if state is JobState.PENDING:
        fitting = {"reason": "scheduled"}
    if state in LIVE_STATES:
        attempt = values.get("attempt") or an_attempt()
        if state is not JobState.CLAIMED:
            attempt = replace(attempt, armed_at=NOON, boot_id=BOOT, started_at=NOON, containment="cgroup2")
        if state is JobState.FINISHING:
            attempt = replace(attempt, outcome=Outcome(ending=Ending.EXIT, exit_code=0, log_size=10))
        fitting = {"attempt": values.pop("attempt", None) or attempt, "fence": 1}
    if state in FINAL_STATES:
        fitting = {"finished_at": now + timedelta(seconds=1), "end_confirmed": True}
    return replace(job, **{**fitting, **values})


def a_new_job(spec: JobSpec | None = None, **values: Any) -> NewJob:
    spec = spec or a_spec()
    return NewJob(a_job(spec, **values), spec)


def a_runner(**values: Any) -> Runner:
    runner_id = values.get("id") or a_runner_id()
    return Runner(**{"id": runner_id, "name": f"runner-{runner_id}", "kind": RunnerKind.LOCAL, "slots": 2, **values})


def host_key(host: str = "far") -> HostKey:
    """A key of the form of a real one; each host has another."""
    kind = b"ssh-ed25519"
    point = host.encode().ljust(32, b".")
    return HostKey(kind.decode(), b64encode(pack(">I11sI32s", len(kind), kind, len(point), point)).decode())


def a_target(**values: Any) -> SshTarget:
    defaults = {"host": "far", "user": "me", "login": SshLogin(agent=True), "host_keys": (host_key(),)}
    return SshTarget(**{**defaults, **values})


def host_facts(**values: Any) -> HostFacts:
    """Of a host about which there is nothing to say."""
    defaults = {
        "python": (3, 11, 2),
        "interpreter": "/usr/bin/python3",
        "cores": 4,
        "work_root": "/srv/me/.runyard",
        "work_root_error": None,
        "free_bytes": 10 << 30,
        "containment": "cgroup2",
        "seconds_ahead": 0.1,
        "shell_seconds": 0.05,
        "noise": b"",
        "sessions": 8,
        "ends_processes": False,
        "boot_id": BOOT,
    }
    return HostFacts(**{**defaults, **values})


def _scrambled(number: int) -> int:
    return number * 0x9E3779B97F4B & 0xFFFFFFFFFFFF
