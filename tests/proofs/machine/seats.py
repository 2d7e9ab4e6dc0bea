"""The seats of concurrency keys, in the model: who has one follows from the jobs, and so does who waits."""

from collections.abc import Mapping

from .asked import Key
from .entry import Entry, Refused

Line = tuple[str, str]
"""A key of a project."""


class Seats:
    """What is known of keys, over the jobs of the model."""

    def __init__(self, jobs: dict[str, Entry]) -> None:
        self._jobs = jobs
        self.limits: dict[Line, int] = {}

    def enter(self, job_id: str, entry: Entry) -> None:
        """A job that wants a seat gets one, or a place in line; `Refused` if there is neither."""
        key, line = _key(entry), _line(entry)
        self.fill()
        waiting = self.line(line)
        self._jobs[job_id] = entry
        if self._free(line) and not waiting:
            return self._let_in(entry)
        if key.conflict == "reject":
            raise Refused("key-busy")
        if len(waiting) >= key.most_waiting:
            raise Refused("key-line-full")
        entry.becomes("pending", "key_busy")
        if key.conflict == "replace_running":
            entry.rank = min([entry.rank, *(self._jobs[first].rank - 1 for first in waiting[:1])])
            entry.line = True
            return self._replace_the_oldest(line)
        entry.line = True
        return None

    def fill(self) -> None:
        """Whoever is first in line gets the lowest seat that is free."""
        for key in self.limits:
            for job_id in self.line(key):
                if self._free(key):
                    self._let_in(self._jobs[job_id])

    def line(self, key: Line) -> list[str]:
        waiting = [job_id for job_id, entry in self._of(key).items() if entry.line]
        return sorted(waiting, key=lambda job_id: (self._jobs[job_id].rank, job_id))

    def _replace_the_oldest(self, key: Line) -> None:
        for _, entry in sorted((job_id, entry) for job_id, entry in self._of(key).items() if entry.seat is not None):
            if not entry.cancelling:
                entry.cancel()
                break
        self.fill()

    def _let_in(self, entry: Entry) -> None:
        seat = self._free(_line(entry))[0]
        entry.becomes("queued")
        entry.seat = seat

    def _free(self, key: Line) -> list[int]:
        held = [entry.seat for entry in self._of(key).values() if entry.seat is not None]
        limit = self.limits[key]
        return [] if len(held) >= limit else [seat for seat in range(limit) if seat not in held]

    def _of(self, line: Line) -> Mapping[str, Entry]:
        return {job_id: each for job_id, each in self._jobs.items() if each.asked.line == line}


def _key(entry: Entry) -> Key:
    assert entry.asked.key is not None
    return entry.asked.key


def _line(entry: Entry) -> Line:
    assert entry.asked.line is not None
    return entry.asked.line
