"""Jepsen's manner: what callers were told and what jobs witnessed, compared with everything that is stored.

What was acknowledged is there, once; what is there was asked for; each end is the true one, and stays.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runyard.adapters.sql.store import SqlStore
from runyard.domain.jobs.attempt import Attempt, Ending
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.limits import CRASH_LIMIT
from runyard.domain.jobs.states import JobState
from runyard.domain.observability.book import JobBook

from .harm import Harm
from .load import Said, Wanted

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Answers:
    """What callers were told: the ids of each name, which cancels were answered when, and the ends that were seen."""

    ids: dict[str, set[str]] = field(default_factory=dict)
    cancelled: dict[str, float] = field(default_factory=dict)
    asked_to_cancel: set[str] = field(default_factory=set)
    ends_seen: dict[str, set[str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    """How many calls were attempted, and how many of them got no answer (`… in vain`)."""

    @classmethod
    def of(cls, history: Sequence[Mapping[str, Any]]) -> "Answers":
        told = cls()
        for line in history:
            call, about = line["call"], line["about"]
            if "error" in line:
                told.calls[f"{call} in vain"] += 1
            elif "job" not in line:
                told.calls[call] += 1
                if call == "cancel":
                    told.asked_to_cancel.add(about)
            elif call == "cancel":
                told.cancelled.setdefault(about, line["at"])
            elif call == "submit":
                told.ids.setdefault(about, set()).add(line["job"])
            if line.get("state") in {"succeeded", "failed", "cancelled"}:
                told.ends_seen.setdefault(line["job"], set()).add(line["state"])
        return told


@dataclass(slots=True)
class Verdict:
    """What broke a promise, sorted by how; and what was seen on the way."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)

    def assert_clean(self) -> None:
        """Fails, showing the first of each."""
        told = [
            f"{len(found)} {what}:\n  " + "\n  ".join(found[:_SHOWN])
            for what in ("lost", "doubled", "overlaps", "wrong")
            if (found := getattr(self, what))
        ]
        assert not told, "\n".join(told)


def books_in(store: SqlStore) -> Iterator[JobBook]:
    """Every job that is stored, with all about it."""
    after: JobId | None = None
    while True:
        with store.read() as reading:
            page = reading.books.books(after=after, limit=500)
        yield from page
        if len(page) < 500:
            return
        after = page[-1].job.id


class Judge:
    """Compares; `harms` say which losses were brought about."""

    def __init__(self, answers: Answers, said: Said, harms: Sequence[Harm]) -> None:
        self._answers, self._said, self._harms = answers, said, harms
        self.verdict = Verdict(overlaps=[*said.overlaps])

    def judge(self, load: Sequence[Wanted], books: Mapping[str, JobBook]) -> Verdict:
        """All of it."""
        asked_for = {job_id for ids in self._answers.ids.values() for job_id in ids}
        self.verdict.doubled += [f"{job_id} is a job that nobody was told of" for job_id in books.keys() - asked_for]
        for wanted in load:
            ids = self._answers.ids.get(wanted.name, set())
            if len(ids) > 1:
                self.verdict.doubled.append(f"{wanted.name} is {sorted(ids)}")
            if not ids & books.keys():
                self.verdict.lost.append(f"{wanted.name} was accepted as {sorted(ids)}, and is not there")
            for job_id in ids & books.keys():
                self._job(wanted, books[job_id])
        return self.verdict

    def _job(self, wanted: Wanted, book: JobBook) -> None:
        job = book.job
        self.verdict.states[job.state] += 1
        if not job.finished:
            self.verdict.lost.append(f"{_shown(wanted, book)}\n    it never ended")
            return
        told = self._answers.ends_seen.get(job.id, set()) - {job.state.value}
        complaints = [f"somebody was told that it is {sorted(told)}"] if told else []
        for attempt in book.attempts:
            complaints += self._attempt(wanted, book, attempt)
        complaints += self._end(wanted, book)
        self.verdict.wrong += [f"{_shown(wanted, book)}\n    {complaint}" for complaint in complaints]
        self.verdict.doubled += [f"{_shown(wanted, book)}\n    {each}" for each in self._doubled(wanted, book)]

    def _attempt(self, wanted: Wanted, book: JobBook, attempt: Attempt) -> Iterator[str]:
        name, ending = f"{book.job.id}/{attempt.number}", attempt.outcome.ending if attempt.outcome else None
        self.verdict.endings[str(ending)] += 1
        started = name in self._said.starts.get(book.job.id, ())
        if ending is Ending.RELEASED and started:
            yield f"attempt {attempt.number} was given back free of charge, and had started"
        if ending is Ending.LOST and not any(harm.explains(attempt) for harm in self._harms):
            yield f"attempt {attempt.number} was lost, and nobody had harmed its supervisor"
        if ending is Ending.EXIT and not started:
            yield f"attempt {attempt.number} ended by itself, and had never started"
        answered = self._answers.cancelled.get(wanted.name)
        if answered is not None and attempt.claimed_at > datetime.fromtimestamp(answered, UTC):
            yield f"attempt {attempt.number} was claimed after the cancel was answered"

    def _end(self, wanted: Wanted, book: JobBook) -> Iterator[str]:
        job = book.job
        codes = [a.outcome.exit_code for a in book.attempts if a.outcome and a.outcome.ending is Ending.EXIT]
        losses = sum(a.outcome is not None and a.outcome.ending is Ending.LOST for a in book.attempts)
        if job.state is JobState.CANCELLED:
            if wanted.name not in self._answers.asked_to_cancel:
                yield "it was cancelled, and nobody had asked for that"
            return
        given_up = losses == CRASH_LIMIT if wanted.on_lost == "retry" else losses == 1
        if job.state is JobState.FAILED and job.reason in ("lost", "crash_limit"):
            if not given_up or job.reason != ("lost" if wanted.on_lost == "fail" else "crash_limit"):
                yield f"it was given up as {job.reason} after {losses} losses"
            return
        state, reason = (JobState.SUCCEEDED, None) if wanted.code == 0 else (JobState.FAILED, "exit_code")
        if (job.state, job.reason) != (state, reason) or codes[-1:] != [wanted.code]:
            yield f"it should be {state} with exit code {wanted.code}"
        if given_up:
            yield f"it went on after {losses} losses"

    def _doubled(self, wanted: Wanted, book: JobBook) -> Iterator[str]:
        """What should have been once and was more than once, or by an attempt that nobody knows of."""
        job, known = book.job, {f"{book.job.id}/{attempt.number}" for attempt in book.attempts}
        starts, ends = self._said.starts.get(job.id, []), self._said.ends.get(job.id, [])
        yield from (f"{name} started {times} times" for name, times in Counter(starts).items() if times > 1)
        yield from (f"{name} started, and is no attempt" for name in starts if name not in known)
        outcomes = [a for a in book.attempts if a.outcome and a.outcome.ending is Ending.EXIT]
        if len(outcomes) > (2 if wanted.fickle else 1):
            yield f"{len(outcomes)} outcomes count"
        if wanted.on_lost == "fail" and len(starts) > (2 if wanted.fickle else 1):
            yield f"it started {len(starts)} times, and should at most once"
        lost = {f"{job.id}/{a.number}" for a in book.attempts if a.outcome and a.outcome.ending is not Ending.EXIT}
        came_to_an_end = [name for name in ends if name not in lost]
        if len(came_to_an_end) != len(outcomes):
            yield f"{came_to_an_end} came to their ends, and {len(outcomes)} outcomes count"


def _shown(wanted: Wanted, book: JobBook) -> str:
    return "\n    ".join([str(wanted), *book.rows()])
