"""What any store must do with limits, and with the jobs that are counted under them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from runyard.application.ports.jobs import Change
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import LIVE_STATES, JobState
from runyard.domain.limits.limits import EACH_OWNER, LimitKind, Limits, ProjectLimits, Scope

from ..builders import NOON, a_new_job, a_spec
from .stores import Store, at_once, save, store_all, stored

LAB = Scope("lab")


def a_limit(owner: str | None = None, project: str = "lab", **limits: int | None) -> ProjectLimits:
    return ProjectLimits(project=project, owner=owner, limits=Limits(**limits), changed_at=NOON)


def set_all(store: Store, *limits: ProjectLimits) -> None:
    with store.begin() as work:
        for each in limits:
            work.limits.save(each)
        work.commit()


def waiting(store: Store, scope: Scope, most: int = 100) -> int:
    with store.read() as reading:
        return reading.use.waiting(scope, most)


def add(store: Store, **spec: Any) -> Job:
    return stored(store, a_new_job(a_spec(project="lab", **spec)))


class LimitsContract:
    """The promises of the ports `Limits`, `LimitReading`, `UseReading` and `UseLocking`."""

    def test_what_was_set_comes_back_the_whole_project_first(self, store: Store):
        limits = [
            a_limit(queued=3, running=0),
            a_limit(EACH_OWNER, submissions_per_minute=1_000_000),
            a_limit("ada\u00e9"),
            a_limit(project="other", running=1),
        ]
        set_all(store, *reversed(limits))

        with store.read() as reading:
            assert reading.limits.all() == limits
            assert reading.limits.of(["lab"]) == limits[:3]
            assert reading.limits.of(["other", "none"]) == limits[3:]
            assert reading.limits.of([]) == []

    def test_what_is_set_again_takes_the_place_of_what_was_set(self, store: Store):
        set_all(store, a_limit(queued=1, running=1), a_limit("ada", queued=1))
        later = replace(a_limit("ada", running=2), changed_at=NOON + timedelta(seconds=1))
        set_all(store, later)

        with store.read() as reading:
            assert reading.limits.all() == [a_limit(queued=1, running=1), later]

    def test_what_is_not_committed_was_never_set(self, store: Store):
        with store.begin() as work:
            work.limits.save(a_limit(queued=1))

        with store.read() as reading:
            assert reading.limits.all() == []

    @pytest.mark.parametrize("state", sorted(JobState))
    def test_a_job_waits_or_runs_or_has_ended(self, store: Store, state: JobState):
        store_all(store, [a_new_job(a_spec(project="lab", owner="ada"), state=state)])

        with store.read() as reading:
            running = reading.use.running(["lab"])
            assert running == ({("lab", "ada"): 1} if state in LIVE_STATES else {})
            unfinished = state in {JobState.DRAFT, JobState.PENDING, JobState.QUEUED}
            assert reading.use.waiting(LAB, 9) == reading.use.waiting(Scope("lab", "ada"), 9) == int(unfinished)

    def test_jobs_are_counted_by_project_and_owner(self, store: Store):
        for project, owner, many in (("lab", "ada", 2), ("lab", "bob", 1), ("default", "ada", 3)):
            for state in (JobState.RUNNING, JobState.QUEUED):
                store_all(store, [a_new_job(a_spec(project=project, owner=owner), state=state) for _ in range(many)])

        with store.read() as reading:
            assert reading.use.running(["lab", "none"]) == {("lab", "ada"): 2, ("lab", "bob"): 1}
            assert reading.use.running(["default"]) == {("default", "ada"): 3}
            assert reading.use.running([]) == {}
            counted = {scope: reading.use.waiting(scope, 9) for scope in (LAB, Scope("lab", "bob"), Scope("none"))}
        assert counted == {LAB: 3, Scope("lab", "bob"): 1, Scope("none"): 0}

    def test_what_waits_is_counted_no_further_than_asked(self, store: Store):
        for _ in range(4):
            add(store)

        assert [waiting(store, LAB, most) for most in (1, 3, 4, 5)] == [1, 3, 4, 4]

    def test_a_job_that_ends_is_counted_no_more(self, store: Store):
        job = add(store)
        save(store, Change(job, job.cancelled(now=NOON)))

        assert waiting(store, LAB) == 0

    @pytest.mark.parametrize("kind", sorted(LimitKind))
    def test_whoever_holds_a_project_counts_what_others_added_under_their_hold(self, store: Store, kind: LimitKind):
        def add_if_there_are_less_than_five(_: int) -> bool:
            with store.begin() as work:
                work.use.hold(kind, ["lab", "other"])
                fits = work.use.waiting(LAB, 5) < 5
                if fits:
                    work.jobs.add_all([a_new_job(a_spec(project="lab"))])
                    work.commit()
                return fits

        assert at_once(20, add_if_there_are_less_than_five).count(True) == 5
        assert waiting(store, LAB) == 5

    def test_those_who_hold_several_projects_never_wait_in_a_circle(self, store: Store):
        names = [f"p{number}" for number in range(100)]

        def hold(number: int) -> None:
            for _ in range(5):
                with store.begin() as work:
                    work.use.hold(LimitKind.RUNNING, names[number:] + names[:number])

        at_once(20, hold)
