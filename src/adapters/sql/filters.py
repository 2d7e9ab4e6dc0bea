"""Which jobs are meant, as conditions."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from ...application.ports.jobs import JobFilter
from ...domain.accounts.access import Reach
from .tables.jobs import JOB, JOB_LABEL


def labelled(which: JobFilter) -> tuple[ColumnElement[str], Select[Any]]:
    """Jobs with this name and these labels, and the column to order by: that of the index which finds them."""
    wanted = sorted(which.labels | ({("", which.name)} if which.name is not None else set()))
    job_id: ColumnElement[str] = JOB.c.id
    jobs = select(JOB.c.id)
    for at, (key, value) in enumerate(wanted):
        label = JOB_LABEL.alias(f"label_{at}")
        jobs = jobs.join(label, and_(label.c.job_id == JOB.c.id, label.c.key == key, label.c.value == value))
        job_id = label.c.job_id if at == 0 else job_id
    return job_id, jobs


def born(which: JobFilter) -> Iterator[ColumnElement[bool]]:
    """Conditions on what a job was born with."""
    if which.reach is not None:
        yield _within(which.reach)
    if which.project is not None:
        yield JOB.c.project == which.project
    if which.owner is not None:
        yield JOB.c.owner == which.owner
    if which.queue is not None:
        yield JOB.c.queue == which.queue
    if which.created_after is not None:
        yield JOB.c.created_at >= which.created_after
    if which.created_before is not None:
        yield JOB.c.created_at < which.created_before


def _within(reach: Reach) -> ColumnElement[bool]:
    """What somebody may mean; nothing, where there is nothing."""
    meant: list[ColumnElement[bool]] = []
    if reach.projects:
        meant.append(JOB.c.project.in_(sorted(reach.projects)))
    if reach.own_in:
        meant.append(and_(JOB.c.project.in_(sorted(reach.own_in)), JOB.c.owner == reach.owner))
    if reach.job is not None:
        meant.append(JOB.c.id == reach.job)
    if reach.parent is not None:
        meant.append(JOB.c.parent == reach.parent)
    return or_(false(), *meant)
