"""What a follower of a job is told, one bounded look at the store at a time."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, Self

from ...application.jobs.get_summary import GetSummaryCommand
from ...application.jobs.list_attempts import ListAttemptsCommand
from ...application.jobs.read_log import LogPart, ReadLogCommand
from ...application.ports.jobs import JobSummary
from ...domain.jobs.errors import AttemptNotFound
from ...domain.jobs.ids import AttemptRef, JobId
from .log_pieces import PieceCutter
from .problems import wrong_parameter
from .provided import Provided
from .views import JobSummaryView

_POINT: Final = re.compile(r"([1-9]\d{0,6}):(0|[1-9]\d{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Point:
    """Where to go on: everything before this offset of this attempt was told."""

    attempt: int
    offset: int

    def __str__(self) -> str:
        return f"{self.attempt}:{self.offset}"

    @classmethod
    def parsed(cls, text: str, parameter: str) -> Self:
        """The point, or a refusal that names the parameter."""
        found = _POINT.fullmatch(text)
        if found is None:
            raise wrong_parameter(parameter, "must be the id of an event of this stream, like 1:4096")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Look:
    """Events, ready to be sent; `more`: look again at once; `done`: these were the last."""

    events: list[bytes]
    more: bool = False
    done: bool = False


class JobFollower:
    """Tells a job's output and states in order. Used by one thread at a time; blocks, so never the event loop's."""

    def __init__(self, provided: Provided, job_id: JobId, *, only: int | None, after: Point | None) -> None:
        self._provided = provided
        self._job_id = job_id
        self._only = only
        self._attempt: int | None = None
        self._told = self._read = 0
        self._cutter = PieceCutter()
        self._version: int | None = None
        self._view: JobSummaryView | None = None
        self._begin(after)

    def look(self) -> Look:
        """What happened since the last look, at most a bounded piece of it."""
        if self._attempt is None:
            summary = self._summary()
            events = self._state(summary)
            if summary.job.attempt is None:
                done = summary.job.finished
                return Look([*events, self._end()] if done else events, done=done)
            self._attempt = 1
            return Look(events, more=True)
        command = ReadLogCommand(job_id=self._job_id, attempt=self._attempt, offset=self._read)
        part = self._provided.read_log.execute(command)
        events = [] if part.job.version == self._version else self._state(self._summary())
        events += self._output(part)
        if not part.complete:
            return Look(events, more=part.slice.end > command.offset)
        if self._only is None and self._attempt < part.job.current.number:
            self._attempt += 1
            self._told = self._read = 0
            return Look(events, more=True)
        if self._only is None and not part.job.finished:
            return Look(events)
        return Look([*events, self._end()], done=True)

    def _begin(self, after: Point | None) -> None:
        attempts = self._provided.list_attempts.execute(ListAttemptsCommand(job_id=self._job_id))
        stored = {record.attempt.number: record.log_stored for record in attempts}
        if self._only is not None and self._only not in stored:
            raise AttemptNotFound(AttemptRef(self._job_id, self._only))
        if after is None:
            self._attempt = self._only
            return
        if self._only not in {None, after.attempt}:
            raise wrong_parameter("after", f"is about another attempt than attempt={self._only}")
        if after.attempt not in {1, *stored} or after.offset > stored.get(after.attempt, 0):
            raise wrong_parameter("after", "lies beyond what this job has written")
        if after.attempt in stored:
            self._attempt = after.attempt
            self._told = self._read = after.offset

    def _summary(self) -> JobSummary:
        return self._provided.get_summary.execute(GetSummaryCommand(job_id=self._job_id))

    def _shown(self, summary: JobSummary) -> JobSummaryView:
        return JobSummaryView.of(summary, self._provided.runner_names())

    def _state(self, summary: JobSummary) -> list[bytes]:
        self._version = summary.job.version
        view = self._shown(summary)
        if view == self._view:
            return []
        self._view = view
        return [self._event("state", view.model_dump_json())]

    def _end(self) -> bytes:
        return self._event("end", self._shown(self._summary()).model_dump_json())

    def _output(self, part: LogPart) -> list[bytes]:
        pieces = [*self._cutter.feed(part.slice.chunks)]
        self._read = part.slice.end
        if part.complete:
            pieces += self._cutter.finish()
        events = []
        for piece in pieces:
            self._told = piece.end
            events.append(self._event("log", _json(piece.document(self._attempt or 1))))
        return events

    def _event(self, name: str, data: str) -> bytes:
        point = Point(self._attempt or 1, self._told)
        return f"event: {name}\nid: {point}\ndata: {data}\n\n".encode()


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
