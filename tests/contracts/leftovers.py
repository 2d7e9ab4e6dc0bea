"""What any store must do with lanes and concurrency keys that nobody needs any more."""

from runyard.application.jobs.forget_leftovers import ForgetLeftovers, ForgetLeftoversCommand
from runyard.application.jobs.seated_jobs import SeatedJobs
from runyard.application.ports.jobs import Change, NewJob
from runyard.domain.jobs.concurrency import Concurrency
from runyard.domain.jobs.job import Job
from runyard.domain.jobs.states import FINAL_STATES, JobState

from ..builders import NOON, a_job_id, a_new_job, a_spec
from .stores import Store, at_once, save, store_all

ROUNDS = 15


def forget(store: Store, most: int = 500) -> bool:
    return ForgetLeftovers(store.begin).execute(ForgetLeftoversCommand(most=most))


def lanes(store: Store) -> set[str]:
    with store.read() as reading:
        return {lane.queue for lane in reading.jobs.lanes()}


def limits(store: Store) -> dict[str, int]:
    with store.read() as reading:
        return {each.key: each.limit for each in reading.holdings.limits(after=None, limit=100)}


def entered(store: Store, key: str, limit: int = 1) -> Job:
    """A job of a concurrency key and of a queue of the same name, as a submission enters it."""
    spec = a_spec(queue=key, concurrency=Concurrency(key=key, limit=limit))
    with store.begin() as work:
        seated = SeatedJobs.lock_to_enter(work, [Job.submitted(a_job_id(), spec, now=NOON)])
        seated.admit_all(now=NOON)
        work.jobs.add_all([NewJob(job, spec) for job in seated.entered])
        work.commit()
    return seated.entered[0]


def cancelled(store: Store, job: Job) -> None:
    with store.begin() as work:
        seated = SeatedJobs.lock(work, [job.id])
        seated.save_all([Change(each, each.cancelled(now=NOON)) for each in seated.jobs], now=NOON)
        work.commit()


class LeftoversContract:
    """The promises of the port `Leftovers`."""

    def test_a_lane_is_forgotten_when_all_its_jobs_have_finished(self, store: Store):
        for state in JobState:
            store_all(store, [a_new_job(a_spec(queue=state.value), state=state)])

        assert not forget(store)

        assert lanes(store) == {state.value for state in set(JobState) - FINAL_STATES}

    def test_a_key_is_forgotten_with_its_limit_when_all_its_jobs_have_finished(self, store: Store):
        done, _ = entered(store, "done", 3), entered(store, "held", 2)
        scheduled = a_spec(not_before=NOON.replace(year=2099), concurrency=Concurrency(key="later"))
        store_all(store, [a_new_job(scheduled)])
        with store.begin() as work:
            work.seats.lock({"later": 0, "nobody": 0})
            work.commit()
        cancelled(store, done)

        forget(store)

        assert limits(store) == {"held": 2, "later": 1}

    def test_what_was_forgotten_is_made_again_when_it_is_needed(self, store: Store):
        cancelled(store, entered(store, "k", 3))
        forget(store)
        assert (lanes(store), limits(store)) == (set(), {})

        job = entered(store, "k", 2)

        assert (job.state, job.seat, lanes(store), limits(store)) == (JobState.QUEUED, 0, {"k"}, {"k": 2})

    def test_no_more_than_asked_are_forgotten_at_once(self, store: Store):
        for number in range(3):
            cancelled(store, entered(store, f"k{number}"))

        assert [forget(store, 2), forget(store, 2), forget(store, 2)] == [True, False, False]
        assert lanes(store) == set()

    def test_what_is_undone_was_not_forgotten(self, store: Store):
        [new] = store_all(store, [a_new_job()])
        save(store, Change(new.job, new.job.cancelled(now=NOON)))
        with store.begin() as work:
            assert work.leftovers.forget_lanes(9) == 1

        assert lanes(store) == {"default"}

    def test_nobody_loses_a_lane_or_a_key_that_is_about_to_be_used(self, store: Store):
        def act(number: int) -> list[Job]:
            kept = []
            for _ in range(ROUNDS):
                if number % 2:
                    forget(store)
                    continue
                job = entered(store, f"k{number % 4}", limit=100)
                if number < 4:
                    cancelled(store, job)
                else:
                    kept.append(job)
            return kept

        kept = [job for jobs in at_once(6, act) for job in jobs]

        assert len(kept) == ROUNDS
        assert lanes(store) >= {job.queue for job in kept}
        with store.read() as reading:
            assert reading.books.strays(9) == []
            books = {book.job.id: book for book in reading.books.books(after=None, limit=1000)}
        assert all(books[job.id].lane is not None for job in kept)
        assert all(books[job.id].job.seat is not None for job in kept)
