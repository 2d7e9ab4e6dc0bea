"""Units of work that end with an entry of the audit trail, in the transaction that they are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TypeVar, cast

from ...domain.accounts.account import AccountKind
from ...domain.accounts.ids import TokenId
from ...domain.accounts.permissions import Permission
from ...domain.audit.difference import difference
from ...domain.audit.entry import ITSELF, AuditEntry, Doer, Subject
from ...domain.jobs.ids import JobId
from ..ports.work import Begin
from .acting import Acting, who_acts
from .notes import Note, Notes, many
from .noting import NOTING, Whole
from .things import JOB, JOBS, RUNNER, STORE, Thing

W = TypeVar("W")


def audited(begin: Begin[W]) -> Begin[W]:
    """The same `begin`; what is done in its units of work, if the trail tells it, is told when it is committed.

    Afterwards both are there, the change and its entry, or neither.
    """

    @contextmanager
    def telling() -> Iterator[W]:
        deed = who_acts()
        with begin() as work:  # whatever a use case asks of it, every unit of work is one over everything
            yield cast("W", _AuditedWork(cast("Whole", work), deed)) if deed else work

    return telling


class _AuditedWork:
    """A unit of work of somebody: the inner one, with notes taken of what is done to some of its collections."""

    def __init__(self, work: Whole, deed: Acting) -> None:
        self._work = work
        self._deed = deed
        self._notes = Notes()

    def __getattr__(self, name: str) -> object:
        inner = getattr(self._work, name)
        noting = NOTING.get(name)
        return noting(inner, self._notes, self._work) if noting else inner

    def commit(self) -> None:
        deed, over = self._deed, self._deed.written and self._deed.deed.once
        entries = (
            [] if over else [_entry(deed, note, self._work.now()) for note in _told(deed, self._notes, self._work)]
        )
        if entries:
            self._work.audit.append(entries)
        self._work.commit()
        deed.written = deed.written or bool(entries)
        self._notes = Notes()


def _told(deed: Acting, notes: Notes, work: Whole) -> Iterable[Note]:
    """What this transaction did, one note for each entry."""
    kind = deed.deed.kind
    if kind == JOBS:
        return _of_jobs(deed, notes, work)
    if kind == JOB:
        return _of_job(deed, notes, work)
    if kind == STORE:
        store = Thing(Subject(kind=STORE), None)
        return [Note(store, store)]
    note = notes.about(kind)
    return [note] if note and (note.different or not deed.deed.quiet) else []


def _of_job(deed: Acting, notes: Notes, work: Whole) -> Iterable[Note]:
    """One job, unless somebody merely steers their own."""
    job_id = deed.said(deed.deed.named_by)
    note = notes.about(JOB, job_id)
    whose = work.reading.whose(JobId(job_id)) if job_id and note else None
    own = whose and deed.actor and deed.deed.permission is Permission.STEER and whose.owner == deed.actor.name
    if note is None or whose is None or own:
        return []
    return [Note(note.before, replace(note.after, project=whose.project))]


def _of_jobs(deed: Acting, notes: Notes, work: Whole) -> Iterable[Note]:
    """Those that were cancelled, or made as reruns; a note for each of their projects."""
    cancelled, old, new = (defaultdict[str, list[str]](list) for _ in range(3))
    only = getattr(getattr(deed.command, "which", None), "project", None)
    for job_id in notes.cancelled:
        whose = None if only else work.reading.whose(job_id)
        cancelled[whose.project if whose else only or ""].append(job_id)
    for each in notes.created:
        new[each.spec.project].append(each.job.id)
        old[each.spec.project].append(each.spec.rerun_of or "")
    yield from (many({"cancelled": tuple(ids)}, project) for project, ids in sorted(cancelled.items()))
    for project, ids in sorted(new.items()):
        yield many({"created": tuple(ids), "rerun_of": tuple(old[project])}, project)


def _entry(deed: Acting, note: Note, now: datetime) -> AuditEntry:
    before, after = difference(note.before.fields, note.after.fields)
    return AuditEntry(
        at=now,
        doer=_doer(deed, note),
        address=deed.origin,
        action=deed.deed.action,
        permission=deed.deed.permission,
        subject=note.after.subject,
        project=deed.said("project") or note.after.project,
        before=before,
        after=after,
    )


def _doer(deed: Acting, note: Note) -> Doer:
    """Who has logged in is whoever the new token is for; only people have passwords. A runner speaks for itself."""
    if deed.actor is not None:
        return deed.doer
    if note.after.subject.kind == RUNNER:
        return Doer(name=note.after.subject.name, kind=ITSELF, token=deed.token)
    owner, token = note.after.fields.get("account"), note.after.subject.id
    return Doer(name=str(owner), kind=AccountKind.USER, token=TokenId(token) if token else None)
