"""The model: what is known of all jobs, keys, queues and runners, and what each call makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .asked import Asked
from .entry import Entry, Refused
from .limits import Most, fitting
from .places import Lane, Place
from .seats import Seats


@dataclass(frozen=True)
class Wanted:
    """A submission: what for, under which key if any, and what tells it from others under that key."""

    asked: Asked
    key: str | None = None
    mark: str = ""

    @property
    def name(self) -> tuple[str, str] | None:
        """The key, as one of its project."""
        return (self.asked.project, self.key) if self.key is not None else None


Meaning = tuple[str | None, str | None, frozenset[str]]
"""A project, a queue, and states, or any."""
Marks = dict[tuple[str, str], tuple[str, str]]
"""By submission key: what told the first submission from others, and the job that came of it."""


class Books:
    """All there is."""

    def __init__(self) -> None:
        self.jobs: dict[str, Entry] = {}
        self.seats = Seats(self.jobs)
        self.submitted: Marks = {}
        self.pauses: dict[tuple[str, str], float] = {}
        self.lanes: dict[str, Lane] = {}
        self.places: dict[str, Place] = {}
        self.may_run: Most = {}
        self.may_wait: Most = {}

    def copy(self) -> "Books":
        twin = Books()
        twin.jobs |= {job_id: entry.copy() for job_id, entry in self.jobs.items()}
        twin.places |= {name: place.copy() for name, place in self.places.items()}
        twin.seats.limits |= self.seats.limits
        twin.submitted |= self.submitted
        twin.pauses |= self.pauses
        twin.lanes |= self.lanes
        twin.may_run, twin.may_wait = self.may_run, self.may_wait
        return twin

    # what callers ask

    def submit(self, wanted: Sequence[tuple[str, Wanted]], now: float) -> list[object]:
        """An answer for each, with the ids their jobs get if they are new."""
        first: dict[str, str] = {}
        fresh, refused = dict[str, Wanted](), dict[str, str]()
        for job_id, each in wanted:
            if each.name is not None and each.name in self.submitted:
                first[job_id] = self.submitted[each.name][1]
                continue
            fresh[job_id] = each
            if each.name is not None:
                self.submitted[each.name] = (each.mark, job_id)
        waiting = [entry for entry in self.jobs.values() if not entry.live and not entry.over]
        fit = fitting(self.may_wait, waiting, [(job_id, each.asked) for job_id, each in fresh.items()])
        refused |= dict.fromkeys(fresh.keys() - set(fit), "queued-limit-reached")
        for asked in (fresh[job_id].asked for job_id in fit):
            if asked.key is not None and asked.line is not None:
                self.seats.limits[asked.line] = asked.key.limit
        marks = dict(self.submitted)
        for job_id in fit:
            try:
                self._enter(job_id, fresh[job_id].asked, now)
            except Refused as refusal:
                self.jobs.pop(job_id, None)
                refused[job_id] = refusal.code
        for name in (fresh[job_id].name for job_id in refused):
            if name is not None:
                del self.submitted[name]
        self.seats.fill()
        return [self._told(job_id, each, first.get(job_id), marks, refused) for job_id, each in wanted]

    def _told(self, job_id: str, each: Wanted, first: str | None, marks: Marks, refused: dict[str, str]) -> object:
        if first is not None and each.name is not None and marks[each.name][0] != each.mark:
            return "idempotency-mismatch"
        found = first or job_id
        if found in self.jobs:
            return found, self.jobs[found].state, first is not None
        return refused[found]

    def _enter(self, job_id: str, asked: Asked, now: float) -> None:
        def after(seconds: float | None) -> float | None:
            return None if seconds is None else now + seconds

        moment = now if asked.not_before is None else max(now, asked.not_before)
        entry = Entry(asked, moment, after(asked.queue_timeout), after(asked.total_timeout))
        entry.wait_until(moment)
        if moment > now:
            entry.becomes("pending", "scheduled")
        if moment > now or asked.key is None:
            self.jobs[job_id] = entry
        else:
            self.seats.enter(job_id, entry)
        self.lanes[asked.lane] = Lane.of(asked)

    def rerun(self, job_id: str, again: tuple[str, str | None], now: float) -> object:
        """The id of the new job and its submission's key."""
        entry = self.known(job_id)
        if not entry.over:
            raise Refused("job-not-finished")
        new, key = again
        (answer,) = self.submit([(new, Wanted(entry.asked, key, f"rerun of {job_id}"))], now)
        return answer

    def cancel(self, *job_ids: str) -> list[str]:
        entries = [self.known(job_id) for job_id in job_ids]
        self.touch(*job_ids)
        for entry in entries:
            entry.cancel()
        states = [entry.state for entry in entries]
        self.seats.fill()
        return states

    def cancel_all(self, meant_by: Meaning, most: int, *, dry: bool) -> tuple[list[str], bool]:
        """Those that were meant, and whether there are more."""
        project, queue, states = meant_by
        meant = [
            job_id
            for job_id, entry in sorted(self.jobs.items(), reverse=True)
            if not entry.over and queue in {None, entry.asked.queue} and project in {None, entry.asked.project}
            if not states or entry.state in states
        ]
        if not dry:
            self.cancel(*meant[:most])
        return meant[:most], len(meant) > most

    def steer(self, job_id: str, how: str) -> str:
        """Pause it, resume it, or end it by force."""
        entry = self.known(job_id)
        {"pause": entry.pause, "resume": entry.resume, "force": entry.force}[how]()
        state = entry.state
        self.seats.fill()
        return state

    # what drivers and the tick do

    def adopt(self, runner: str, driver: str, now: float) -> int:
        self.places[runner].adopted_by(driver, now)
        live = [entry for entry in self.jobs.values() if entry.live and entry.runner == runner]
        for entry in live:
            entry.fence += 1
        return len(live)

    def assign(self, runner: str, driver: str, claim: tuple[int, int, str], now: float) -> list[str]:
        """Which jobs get a slot, as the driver of this epoch asks for so many; some get their end instead."""
        epoch, most, boot = claim
        place = self.places[runner]
        place.driven_under(epoch)
        busy = sum(entry.live and entry.runner == runner for entry in self.jobs.values())
        wanted = min(place.slots - busy, most)
        if wanted <= 0 or place.closed:
            return []
        held = {line for line, until in self.pauses.items() if now < until}
        turns = place.turns[driver]
        order = turns.order([lane for lane in self.lanes.values() if lane.line not in held and place.takes(lane)])
        queued = [(job_id, self.jobs[job_id].asked) for lane in order for job_id in self._queue(lane.key)]
        live = [entry for entry in self.jobs.values() if entry.live]
        taken = fitting(self.may_run, live, queued)[:wanted]
        turns.gave(order, [self.jobs[job_id].asked.lane for job_id in taken], enough=len(taken) >= wanted)
        for entry in (self.jobs[job_id] for job_id in taken):
            if entry.due(now):
                if entry.asked.key is None:
                    entry.wake(now)
                continue
            entry.becomes("claimed")
            entry.number, entry.fence, entry.runner = entry.number + 1, entry.fence + 1, runner
            entry.boot, entry.exit = boot, None
        return [job_id for job_id in taken if self.jobs[job_id].live]

    def _queue(self, lane: str) -> list[str]:
        queued = [job_id for job_id, each in self.jobs.items() if each.state == "queued" and each.asked.lane == lane]
        return sorted(queued, key=lambda job_id: (self.jobs[job_id].rank, job_id))

    def sweep(self, now: float, *, first_half: bool = False) -> int:
        """How many were due. It goes in two halves: jobs without keys, then those with one."""
        due = {job_id: entry for job_id, entry in sorted(self.jobs.items()) if entry.due(now)}
        keyless = [entry for entry in due.values() if entry.asked.key is None]
        for entry in keyless:
            entry.wake(now)
        if first_half and keyless:
            return len(keyless)
        coming = {job_id: entry for job_id, entry in due.items() if entry.asked.key is not None and entry.wake(now)}
        for job_id, entry in coming.items():
            try:
                self.seats.enter(job_id, entry)
            except Refused:
                entry.becomes("failed", "key_busy")
        self.seats.fill()
        return len(due)

    def touch(self, *job_ids: str) -> None:
        """Whoever locks a key that was forgotten makes it anew, with one seat."""
        for entry in (self.jobs[job_id] for job_id in job_ids if job_id in self.jobs):
            if entry.asked.line is not None:
                self.seats.limits.setdefault(entry.asked.line, 1)

    def forget_leftovers(self) -> bool:
        """Nobody needs the lanes and keys of which every job is over. Whether more than a step's worth were there."""
        needed = [entry.asked for entry in self.jobs.values() if not entry.over]
        self.lanes = {key: lane for key, lane in self.lanes.items() if key in {asked.lane for asked in needed}}
        for line in self.seats.limits.keys() - {asked.line for asked in needed}:
            del self.seats.limits[line]
        return False

    def live(self, job_id: str, number: int, fence: int) -> Entry:
        """Whom a report is about, if it counts."""
        entry = self.jobs.get(job_id)
        if entry is None or not entry.live or (number, fence) != (entry.number, entry.fence):
            raise Refused("stale-attempt")
        return entry

    def started(self, entry: Entry) -> None:
        if entry.state != "claimed":
            raise Refused("illegal-transition")
        entry.becomes("running")

    def append(self, entry: Entry, offset: int, data: bytes, now: float) -> int:
        if offset > len(entry.log):
            raise Refused("log-gap")
        entry.logs[entry.number] = entry.log + data[len(entry.log) - offset :]
        entry.settle(now)
        self.seats.fill()
        return len(entry.log)

    def known(self, job_id: str) -> Entry:
        if job_id not in self.jobs:
            raise Refused("job-not-found")
        return self.jobs[job_id]


def absolute(asked: Asked, now: float) -> Asked:
    """What is asked for at this moment."""
    return replace(asked, wait=0.0, not_before=now + asked.wait) if asked.wait else asked
