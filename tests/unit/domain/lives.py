"""Jobs brought to a point of their life by their own moves, never by setting fields."""

from datetime import timedelta
from typing import Any

from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.job import Job
from runyard.domain.runners.ids import RunnerId
from tests.builders import BOOT, NOON, a_job_id, a_spec

RUNNER = RunnerId("runner-1")
SECOND = timedelta(seconds=1)


def queued(**spec: Any) -> Job:
    return Job.submitted(a_job_id(), a_spec(**spec), now=NOON)


def claimed(**spec: Any) -> Job:
    return queued(**spec).claimed_by(RUNNER, now=NOON)


def armed(**spec: Any) -> Job:
    return claimed(**spec).armed(BOOT, now=NOON)


def running(**spec: Any) -> Job:
    return armed(**spec).started(now=NOON, containment="cgroup2")


def finishing(exit_code: int = 0, log_size: int = 10, **spec: Any) -> Job:
    return running(**spec).ended(exited(exit_code, log_size=log_size), log_stored=0, now=NOON)


def exited(code: int, *, log_size: int | None = 0, tree_empty: bool | None = True) -> Outcome:
    return Outcome(ending=Ending.EXIT, exit_code=code, log_size=log_size, tree_empty=tree_empty)
