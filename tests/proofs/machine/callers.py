"""What callers do: submit, alone and in batches, again and again; cancel, pause, resume, rerun, give up."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from runyard.application.jobs.cancel_jobs import CancelJobsCommand
from runyard.application.jobs.create_jobs import Created, CreateJobsCommand
from runyard.application.jobs.rerun_job import RerunJobCommand
from runyard.application.ports.jobs import JobFilter
from runyard.domain.jobs.states import JobState
from runyard.domain.jobs.submission import Submission, SubmissionKey

from .acting import Acting
from .asked import ASKED, PROJECTS, QUEUES, spec_of
from .books import Wanted, absolute
from .entry import Entry
from .houses import DrivenYard

WISHES = (*["cancel"] * 3, "rerun", *["pause"] * 3, "resume", "resume", *["force"] * 2, "cancel all")
WANTED = st.builds(
    Wanted,
    asked=ASKED,
    key=st.sampled_from([None, None, None, None, "once", "twice"]),
    mark=st.sampled_from(["a", "a", "b"]),
)
LIKED: dict[str, Callable[[Entry], int]] = {
    "cancel": lambda entry: 3 * (not entry.over) + 3 * (entry.state == "running"),
    "rerun": lambda entry: 3 * entry.over,
    "pause": lambda entry: 3 * (entry.state == "running") + 6 * (entry.live and entry.cancelling),
    "resume": lambda entry: 6 * (entry.state == "paused"),
    "force": lambda entry: 2 * entry.live + 6 * (entry.live and entry.seat is not None),
}
"""Of which jobs a wish makes sense, and how much more often than of the others it is heard."""
MEANT = (frozenset[str](), frozenset({"queued", "pending"}), frozenset({"running"}), frozenset({"failed"}))


class Callers(Acting):
    """Whoever has jobs."""

    @rule(wanted=st.lists(WANTED, min_size=1, max_size=3))
    def somebody_submits(self, wanted):
        now = self.houses.now
        wanted = [Wanted(absolute(each.asked, now), each.key, each.mark) for each in wanted]
        ids = self.houses.coming(len(wanted))
        submissions = [
            Submission(spec=spec_of(each.asked), key=SubmissionKey(each.key, each.mark) if each.key else None)
            for each in wanted
        ]

        def act(yard: DrivenYard) -> list[object]:
            return [_told(made) for made in yard.create_jobs.execute(CreateJobsCommand(submissions=submissions))]

        self.both(act, lambda books, now: books.submit(list(zip(ids, wanted, strict=True)), now))

    @rule(data=st.data(), what=st.sampled_from(WISHES))
    def a_caller_asks(self, data, what):
        if what == "cancel all":
            return self.somebody_cancels_many(data)
        job_id = self.some_job(data, LIKED[what])
        if what == "cancel":
            self.both(lambda yard: [yard.cancel(job_id).state.value], lambda books, _: books.cancel(job_id))
        elif what == "rerun":
            self.somebody_reruns(data, job_id)
        else:
            self.both(lambda yard: getattr(yard, what)(job_id).state.value, lambda books, _: books.steer(job_id, what))
        return None

    def somebody_reruns(self, data: Any, job_id: Any) -> None:
        key = data.draw(st.sampled_from([None, None, "once"]))
        new = self.houses.coming(1)[0]

        def act(yard: DrivenYard) -> object:
            return _told(yard.rerun_job.execute(RerunJobCommand(job_id=job_id, key=key)))

        self.both(act, lambda books, now: books.rerun(job_id, (new, key), now))

    def somebody_cancels_many(self, data: Any) -> None:
        project, queue = data.draw(st.sampled_from([None, *PROJECTS])), data.draw(st.sampled_from([None, *QUEUES]))
        states = data.draw(st.sampled_from(MEANT))
        most, dry = data.draw(st.integers(1, 4)), data.draw(st.booleans())
        which = JobFilter(states=frozenset(map(JobState, states)), project=project, queue=queue)

        def act(yard: DrivenYard) -> tuple[list[str], bool]:
            meant = yard.cancel_jobs.execute(CancelJobsCommand(which=which, most=most, dry_run=dry))
            return list(meant.ids), meant.next_after is not None

        self.both(act, lambda books, _: books.cancel_all((project, queue, states), most, dry=dry))


def _told(made: Created) -> object:
    if made.record is None:
        return made.refused.code if made.refused else None
    return made.record.job.id, made.record.job.state.value, made.replayed
