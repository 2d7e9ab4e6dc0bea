"""What one unit of work has looked at and changed, as the trail will tell it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ...domain.audit.difference import Field
from ...domain.audit.entry import Subject
from ...domain.jobs.ids import JobId
from ..ports.jobs import Change, NewJob
from .things import JOBS, Thing, job


@dataclass(slots=True)
class Note:
    """One thing before and after; where it was not there, it has no fields.

    `parts` are fields of it that are stored elsewhere, each as it was and as it is.
    """

    before: Thing
    after: Thing
    stored: bool = False
    parts: dict[str, tuple[Field, Field]] = field(default_factory=dict)

    @property
    def whole(self) -> "Note":
        """The same with its parts among its fields."""
        was = {name: before for name, (before, _) in self.parts.items() if before is not None}
        now = {name: after for name, (_, after) in self.parts.items()}
        before = replace(self.before, fields={**self.before.fields, **was})
        return Note(before, replace(self.after, fields={**self.after.fields, **now}), self.stored)

    @property
    def different(self) -> bool:
        """Whether anything that is told is."""
        return self.before.fields != self.after.fields

    @property
    def weight(self) -> int:
        """What the deed was about: something that was there and changed, then something new; then what merely was
        stored again, and last what was looked at.
        """
        if not self.different:
            return int(self.stored)
        return 3 if self.before.fields else 2


@dataclass(slots=True)
class Notes:
    """Kept until the commit."""

    things: dict[tuple[str, str | None, str | None], Note] = field(default_factory=dict)
    cancelled: list[JobId] = field(default_factory=list)
    created: list[NewJob] = field(default_factory=list)
    parts: dict[str, Field] = field(default_factory=dict)

    def seen(self, thing: Thing) -> None:
        """It is so."""
        self.things.setdefault(_key(thing), Note(thing, thing))

    def is_now(self, thing: Thing) -> None:
        """It is so from now on; if it was not seen before, there was none."""
        note = self.things.get(_key(thing)) or Note(Thing(thing.subject, thing.project), thing)
        self.things[_key(thing)] = Note(note.before, thing, stored=True, parts=note.parts)

    def part_seen(self, name: str, value: Field) -> None:
        """Something that is told among the fields of something else is so."""
        self.parts.setdefault(name, value)

    def part_is_now(self, of: Thing, name: str, value: Field) -> None:
        """It is so from now on, and this is what it is told of, if it is another than it was."""
        before = self.parts.get(name)
        if before != value or _key(of) in self.things:
            self.seen(of)
            self.things[_key(of)].parts[name] = before, value

    def is_gone(self, thing: Thing) -> None:
        """There is none any more."""
        self.is_now(Thing(thing.subject, thing.project))

    def moved(self, changes: Sequence[Change]) -> None:
        """These jobs."""
        for change in changes:
            before, after = job(change.before), job(change.after)
            self.things[_key(before)] = Note(before, after, stored=True)
            if change.after.cancel_requested and not change.before.cancel_requested:
                self.cancelled.append(change.after.id)

    def of(self, kind: str) -> Iterable[Note]:
        """What there is of this kind."""
        return [note.whole if note.parts else note for note in self.things.values() if note.after.subject.kind == kind]

    def about(self, kind: str, named: str | None = None) -> Note | None:
        """What the deed was about: of things with this id or name, where one is given, what tells most; the last."""
        fitting = [note for note in self.of(kind) if named is None or named in _names(note.after.subject)]
        return max(reversed(fitting), key=lambda note: note.weight, default=None)


def many(jobs: dict[str, tuple[str, ...]], project: str | None) -> Note:
    """Several jobs of a project at once."""
    subject = Subject(kind=JOBS)
    return Note(Thing(subject, project), Thing(subject, project, jobs))


def _names(subject: Subject) -> tuple[str | None, str | None]:
    return subject.id, subject.name


def _key(thing: Thing) -> tuple[str, str | None, str | None]:
    subject = thing.subject
    return subject.kind, subject.id or thing.project, None if subject.id else subject.name
