"""What any store of submission keys must do."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from runyard.application.ports.submission_keys import Reservation, Reserved, Seen
from runyard.domain.jobs.submission import SubmissionKey

from ..builders import NOON, a_job_id
from .stores import Store, at_once

LATER = NOON + timedelta(days=36500)


def wanted(text: str, fingerprint: str = "f", until: datetime = LATER, project: str = "default") -> Reservation:
    return Reservation(SubmissionKey(text, fingerprint, project), a_job_id(), until)


def reserve(store: Store, items: Sequence[Reservation]) -> list[Reserved | Seen]:
    with store.begin() as work:
        answers = work.keys.reserve(items)
        work.commit()
    return answers


class SubmissionKeysContract:
    """The promises of the port `SubmissionKeys`."""

    def test_a_free_key_is_reserved_and_a_taken_one_tells_by_what(self, store: Store):
        first = wanted("k", "one")

        assert reserve(store, [first]) == [Reserved()]
        assert reserve(store, [wanted("k", "two")]) == [Seen("one", first.job_id, LATER)]

    def test_each_project_has_keys_of_its_own(self, store: Store):
        mine = wanted("k", "one")

        assert reserve(store, [mine, wanted("k", project="other")]) == [Reserved(), Reserved()]
        assert reserve(store, [wanted("k", project="third")]) == [Reserved()]
        with store.begin() as work:
            work.keys.release([SubmissionKey("k", "f", "other")])
            work.commit()
        again = reserve(store, [wanted("k"), wanted("k", project="other"), wanted("k", project="third")])
        assert [type(answer) for answer in again] == [Seen, Reserved, Seen]

    def test_each_job_that_submits_has_keys_of_its_own(self, store: Store):
        jobs = a_job_id(), a_job_id()
        keys = [
            SubmissionKey("k", "f", project, parent) for project in ("default", "other") for parent in (None, *jobs)
        ]

        assert reserve(store, [Reservation(key, a_job_id(), LATER) for key in keys]) == [Reserved()] * len(keys)
        with store.begin() as work:
            work.keys.release([keys[1]])
            work.commit()
        again = reserve(store, [Reservation(key, a_job_id(), LATER) for key in keys])
        assert [isinstance(answer, Reserved) for answer in again] == [key is keys[1] for key in keys]

    def test_answers_come_in_the_order_of_the_questions(self, store: Store):
        taken = wanted("m")
        reserve(store, [taken])

        answers = reserve(store, [wanted("z"), wanted("m", "other"), wanted("a")])

        assert answers == [Reserved(), Seen("f", taken.job_id, LATER), Reserved()]

    def test_the_second_of_two_equal_keys_in_one_call_is_seen(self, store: Store):
        first = wanted("k", "one")

        assert reserve(store, [first, wanted("k", "two")]) == [Reserved(), Seen("one", first.job_id, LATER)]

    def test_no_keys_no_answers(self, store: Store):
        assert reserve(store, []) == []

    def test_upper_and_lower_case_are_different_keys(self, store: Store):
        assert reserve(store, [wanted("k"), wanted("K"), wanted("k'\";--")]) == [Reserved()] * 3

    def test_what_is_undone_leaves_the_key_free(self, store: Store):
        with store.begin() as work:
            work.keys.reserve([wanted("k")])

        assert reserve(store, [wanted("k")]) == [Reserved()]

    def test_a_key_that_was_given_back_is_free(self, store: Store):
        with store.begin() as work:
            items = [wanted("k"), wanted("kept")]
            work.keys.reserve(items)
            work.keys.release([items[0].key])
            work.keys.release([])
            work.commit()

        assert reserve(store, [wanted("k"), wanted("kept")]) == [Reserved(), Seen("f", items[1].job_id, LATER)]

    def test_one_of_fifty_gets_the_key_and_the_others_see_its_job(self, store: Store):
        items = [wanted("k") for _ in range(50)]

        answers = at_once(50, lambda number: reserve(store, [items[number]])[0])

        winner = answers.index(Reserved())
        assert answers == [
            Reserved() if number == winner else Seen("f", items[winner].job_id, LATER) for number in range(50)
        ]

    def test_batches_with_the_same_keys_in_any_order_wait_for_one_another(self, store: Store):
        keys = [f"k{number}" for number in range(40)]

        def batch(number: int) -> int:
            order = keys if number % 2 else keys[::-1]
            return reserve(store, [wanted(key) for key in order]).count(Reserved())

        assert sum(at_once(8, batch)) == len(keys)

    def test_keys_are_forgotten_when_their_time_is_over_and_not_before(self, store: Store):
        with store.begin() as work:
            now = work.now()
        old = [wanted(f"old{number}", until=now - timedelta(seconds=number)) for number in range(3)]
        reserve(store, [*old, wanted("new", until=now + timedelta(hours=1))])

        with store.begin() as work:
            assert [work.keys.forget(2), work.keys.forget(2), work.keys.forget(2)] == [2, 1, 0]
            work.commit()

        answers = reserve(store, [wanted("old0"), wanted("old2"), wanted("new")])
        assert [isinstance(answer, Reserved) for answer in answers] == [True, True, False]
