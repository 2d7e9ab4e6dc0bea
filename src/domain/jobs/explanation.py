"""Why a job is where it is, and the smallest change that would let it run: values computed from values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..runners.availability import AvailabilityState
from ..runners.runner import Runner
from .concurrency import KEY_BUSY
from .ids import JobId
from .job import UNREACHABLE, Job
from .lanes import Lane
from .queues import QueuePause
from .states import JobState

MOST_AHEAD: Final = 10_000
"""No line is counted further."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way: an open code, a sentence, what would remove it, and until when it lasts, if that is known.

    `effort` orders obstacles by how much it takes to remove them; waiting takes least.
    """

    code: str
    told: str
    change: str
    effort: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunnerVerdict:
    """What keeps a runner from taking the job; nothing means that it would."""

    runner: Runner
    obstacles: tuple[Obstacle, ...]

    @property
    def fits(self) -> bool:
        """Whether it would take the job now."""
        return not self.obstacles


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`told` is one sentence; `obstacles` are the job's own; `ahead` counts the jobs before it in its line.

    `change` is the smallest thing that would let it run, None where nothing has to change.
    """

    job: Job
    told: str
    obstacles: tuple[Obstacle, ...] = ()
    runners: tuple[RunnerVerdict, ...] = ()
    ahead: int | None = None
    change: str | None = None


@dataclass(frozen=True, slots=True)
class KeyLine:
    """Where a job stands that waits for a seat of its concurrency key, from 1, and who holds the seats."""

    key: str
    position: int
    holders: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a job waits among: its lane, the runners with their taken slots, how many jobs stand before it.

    And the pause of its queue, its place in line for its concurrency key, and limits that are reached, if there are.
    """

    lane: Lane
    runners: Sequence[tuple[Runner, int]]
    ahead: int
    now: datetime
    pause: QueuePause | None = None
    key_line: KeyLine | None = None
    limits: tuple[Obstacle, ...] = ()


def explained(job: Job, around: Surroundings) -> Explanation:
    """Why it does not run, if it does not."""
    if job.finished:
        return Explanation(job=job, told=f"it has {job.state}; run it again as a new job if you want it once more")
    if job.live:
        away = tuple(_out_of_reach(job, around))
        change = away[0].change if away else None
        return Explanation(job=job, told=_live(job, around), obstacles=away, change=change)
    verdicts = tuple(
        RunnerVerdict(runner, (*_elsewhere(around.lane, runner), *_in_the_way(runner, busy, around.now)))
        for runner, busy in around.runners
        if runner.reaches(around.lane.project)
    )
    own = (*_own(job, around), *_held_back(around.pause, around.now), *around.limits)
    change = _smallest(own, verdicts, around.lane)
    ahead = around.ahead if job.state is JobState.QUEUED else None
    return Explanation(
        job=job, told=_told(own, verdicts, ahead), obstacles=own, runners=verdicts, ahead=ahead, change=change
    )


def _live(job: Job, around: Surroundings) -> str:
    where = _where(job, around)
    doing = "was given to" if job.state is JobState.CLAIMED else f"is {job.state} on"
    asked = ", and was asked to end" if job.cancel_requested else ""
    away = "".join(f"; {each.told}" for each in _out_of_reach(job, around))
    return f"it {doing} {where}{asked}{away}"


def _where(job: Job, around: Surroundings) -> str:
    names = {runner.id: runner.name for runner, _ in around.runners}
    return names.get(job.current.runner_id, "a runner that was removed")


def _out_of_reach(job: Job, around: Surroundings) -> Iterator[Obstacle]:
    """What keeps a job from being given to somebody else whose host may be dead."""
    if job.reason == UNREACHABLE and job.current.lease_until:
        ended = f"{job.current.lease_until:%Y-%m-%dT%H:%M:%SZ}"
        told = f"its lease ended at {ended}, and it wants no other attempt before the end of this one was seen"
        change = f"bring {_where(job, around)} back, or force-finish the job if that host is gone for good"
        yield Obstacle(UNREACHABLE, told, change, 8)


def _own(job: Job, around: Surroundings) -> Iterator[Obstacle]:
    """What keeps the job from standing in line at all."""
    if job.state is not JobState.PENDING:
        return
    reason = job.reason or "pending"
    if around.key_line:
        yield _behind(around.key_line)
    elif job.eligible_at > around.now:
        moment = f"{job.eligible_at:%Y-%m-%dT%H:%M:%SZ}"
        told = {
            "scheduled": f"it is to start no earlier than {moment}",
            "backing_off": f"it failed and is tried again at {moment}",
        }.get(reason, f"it waits until {moment}")
        yield Obstacle(reason, told, f"wait until {moment}", 0, until=job.eligible_at)
    elif reason in {"scheduled", "backing_off"}:
        yield Obstacle("due", "its time has come; it is put in line within a second", "wait a second", 0)
    else:
        yield Obstacle(reason, f"it waits: {reason.replace('_', ' ')}", "wait for that to pass", 1)


def _behind(line: KeyLine) -> Obstacle:
    """Its key has no seat for it yet."""
    held = ", ".join(line.holders) or "nobody"
    told = f"it is number {line.position} in line for a seat of key {line.key}, held by {held}"
    return Obstacle(KEY_BUSY, told, f"wait for the end of {held}, or raise the limit of key {line.key}", 1)


def _held_back(pause: QueuePause | None, now: datetime) -> Iterator[Obstacle]:
    """What keeps everything in its queue from being claimed."""
    if pause and pause.lasts(now):
        ends = f" until {pause.until:%Y-%m-%dT%H:%M:%SZ}" if pause.until else ""
        why = f": {pause.reason}" if pause.reason else ""
        change = f"wait{ends}, or resume queue {pause.queue}" if ends else f"resume queue {pause.queue}"
        yield Obstacle("queue_paused", f"queue {pause.queue} is paused{ends}{why}", change, 2, until=pause.until)


def _elsewhere(lane: Lane, runner: Runner) -> Iterator[Obstacle]:
    """What the job and the runner have against each other."""
    name, wanted = runner.name, lane.placement
    if not runner.takes_from(lane.queue):
        told = f"it takes from {', '.join(runner.queues)}, not from {lane.queue}"
        yield Obstacle("queue_not_taken", told, f"let {name} take from queue {lane.queue} too", 5)
    if not runner.takes_for(lane.project, lane.owner):
        told = f"it takes jobs of {', '.join(runner.owners)} only, not of {lane.owner}"
        yield Obstacle("owner_not_taken", told, f"let {name} take jobs of {lane.owner} too", 5)
    if wanted.runner not in (None, name):
        change = f"submit it without the wish for {wanted.runner}"
        yield Obstacle("placed_elsewhere", f"the job is to run on {wanted.runner} only", change, 7)
    has = runner.found_labels
    missing = [f"{key}={value}" for key, value in sorted(wanted.labels.items()) if has.get(key) != value]
    if missing:
        labels = ", ".join(missing)
        yield Obstacle("labels_missing", f"it lacks {labels}", f"give {name} the labels {labels}", 5)


def _in_the_way(runner: Runner, busy: int, now: datetime) -> Iterator[Obstacle]:
    """What keeps this runner from taking anything."""
    name = runner.name
    if runner.slots == 0:
        yield Obstacle("no_slots", "it has no slots", f"give {name} a slot", 4)
    elif busy >= runner.slots:
        told = f"all {runner.slots} slots are taken"
        yield Obstacle("slots_taken", told, f"wait for a slot of {name}, or give it more than {runner.slots}", 1)
    yield from _closed(runner, now)
    if runner.trouble:
        told = f"its host has not been reached since {runner.trouble.since:%Y-%m-%dT%H:%M:%SZ}: {runner.trouble.why}"
        yield Obstacle("host_unreachable", told, f"mend that, then look with `runyard runner check {name}`", 6)
    elif not runner.online(now):
        since = f" since {runner.driver.until:%Y-%m-%dT%H:%M:%SZ}" if runner.driver else ""
        yield Obstacle("driver_away", f"no process drives it{since}", f"start the process that drives {name}", 6)
    elif runner.refuses:
        told = f"its host takes nothing since {runner.refuses.since:%Y-%m-%dT%H:%M:%SZ}: {runner.refuses.why}"
        yield Obstacle("host_refuses", told, f"mend that on the host of {name}, which then takes work again", 5)


def _closed(runner: Runner, now: datetime) -> Iterator[Obstacle]:
    until = runner.availability.until
    open_it = f"uncordon {runner.name}"
    match runner.availability.at(now):
        case AvailabilityState.CORDONED:
            yield Obstacle("cordoned", "it is cordoned", open_it, 3)
        case AvailabilityState.DRAINING:
            yield Obstacle("draining", "it is draining", open_it, 3)
        case AvailabilityState.PAUSED:
            ends = f" until {until:%Y-%m-%dT%H:%M:%SZ}" if until else ""
            yield Obstacle("paused", f"it is paused{ends}", f"wait{ends}, or {open_it}", 2, until=until)
        case AvailabilityState.OPEN:
            pass


def _smallest(own: Sequence[Obstacle], verdicts: Sequence[RunnerVerdict], lane: Lane) -> str | None:
    """What removes the job's own obstacles, and those of the runner that takes the least to win."""
    steps = [obstacle.change for obstacle in own]
    if not verdicts:
        steps.append(f"start a runner for project {lane.project}, or share one with it: none is known")
    elif not any(verdict.fits for verdict in verdicts):
        easiest = min(verdicts, key=_effort)
        steps += [obstacle.change for obstacle in easiest.obstacles]
    return "; then ".join(steps) or None


def _effort(verdict: RunnerVerdict) -> tuple[int, str]:
    return sum(10**obstacle.effort for obstacle in verdict.obstacles), verdict.runner.name


def _told(own: Sequence[Obstacle], verdicts: Sequence[RunnerVerdict], ahead: int | None) -> str:
    if own:
        return "; ".join(obstacle.told for obstacle in own)
    if not verdicts:
        return "no runner is known that could take it"
    fitting = [verdict.runner.name for verdict in verdicts if verdict.fits]
    if not fitting:
        return "no runner can take it now"
    line = "nothing is before it" if not ahead else f"{_many(ahead)} before it in line"
    return f"{line}; {', '.join(fitting)} would take it"


def _many(ahead: int) -> str:
    count = f"{ahead} or more" if ahead >= MOST_AHEAD else str(ahead)
    return f"{count} job is" if ahead == 1 else f"{count} jobs are"
