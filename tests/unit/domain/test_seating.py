"""The seats of a key: never more than there are, nobody forgotten, the line kept."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.jobs.concurrency import Concurrency, OnConflict
from runyard.domain.jobs.errors import KeyBusy, KeyLineFull, named
from runyard.domain.jobs.ids import JobId
from runyard.domain.jobs.seating import Refused, Seated, Seating, Waiter, Waits

QUEUE, REJECT, REPLACE = OnConflict.QUEUE, OnConflict.REJECT, OnConflict.REPLACE_RUNNING


def a(number: int) -> JobId:
    return JobId(f"job-{number:04}")


def asked(on_conflict: OnConflict = QUEUE, max_waiting: int = 100) -> Concurrency:
    return Concurrency(key="k", on_conflict=on_conflict, max_waiting=max_waiting)


def crowded(held: int, waiting: int, *, limit: int = 1) -> Seating:
    """Jobs 0, 1, … have seats; the rest waits in the order of their numbers."""
    seating = Seating(key="k", limit=max(held, 1))
    for number in range(held + waiting):
        seating, _ = seating.admit(Waiter(number, a(number)), asked())
    return seating.limited_to(limit)


def test_the_first_gets_a_seat_and_the_second_waits():
    seating, first = Seating(key="k").admit(Waiter(5, a(0)), asked())
    seating, second = seating.admit(Waiter(1, a(1)), asked())

    assert (first, second) == (Seated(0), Waits(1))
    assert (seating.held_by, seating.line, seating.waiting) == ([a(0)], (Waiter(1, a(1)),), 1)


def test_who_will_not_wait_is_told_who_holds_the_key():
    _, answer = crowded(2, 0, limit=2).admit(Waiter(9, a(9)), asked(REJECT))

    assert isinstance(answer, Refused)
    assert isinstance(answer.why, KeyBusy)
    assert answer.why.holders == (a(0), a(1))
    assert str(answer.why) == "the key 'k' is held by jobs job-0000 and job-0001"


def test_who_will_not_wait_does_not_overtake_who_does():
    _, answer = crowded(1, 1).left_by(a(0)).admit(Waiter(0, a(9)), asked(REJECT))

    assert isinstance(answer, Refused)


@pytest.mark.parametrize("on_conflict", [QUEUE, REPLACE])
def test_a_full_line_refuses_and_names_the_limit(on_conflict):
    _, answer = crowded(1, 3).admit(Waiter(9, a(9)), asked(on_conflict, max_waiting=3))

    assert isinstance(answer, Refused)
    assert isinstance(answer.why, KeyLineFull)
    assert "3 jobs wait" in str(answer.why)


def test_who_replaces_stands_first_in_line():
    seating, answer = crowded(1, 2).admit(Waiter(9, a(9)), asked(REPLACE))

    assert isinstance(answer, Waits)
    assert answer.replaces
    assert [waiter.job_id for waiter in seating.line] == [a(9), a(1), a(2)]


def test_the_next_by_rank_then_id_gets_the_seat():
    seating = crowded(1, 0)
    for rank, number in [(7, 3), (5, 2), (5, 1), (9, 0)]:
        seating = seating.joined_by(Waiter(rank, a(number)))

    order = []
    for _ in range(4):
        seating, [promotion] = seating.left_by(*seating.held_by).filled()
        order.append(promotion.job_id)
    assert order == [a(1), a(2), a(3), a(0)]


def test_a_higher_limit_lets_the_line_in_and_a_lower_one_waits_for_seats_to_be_given_back():
    seating, promoted = crowded(1, 4, limit=3).filled()
    assert [(each.job_id, each.number) for each in promoted] == [(a(1), 1), (a(2), 2)]

    seating = seating.limited_to(1)
    for holder in (a(0), a(2)):
        seating, promoted = seating.left_by(holder).filled()
        assert promoted == []
    _, [last] = seating.left_by(a(1)).filled()
    assert (last.job_id, last.number) == (a(3), 0)


def test_of_a_line_that_is_known_in_part_only_its_known_head_is_let_in():
    seating = Seating(key="k", limit=1, line=(Waiter(1, a(1)),), waiting=3)

    behind, answer = seating.admit(Waiter(9, a(9)), asked())
    assert (answer, behind.line, behind.waiting) == (Waits(9), (Waiter(1, a(1)),), 4)
    ahead, _ = seating.admit(Waiter(0, a(9)), asked())
    assert ahead.line == (Waiter(0, a(9)), Waiter(1, a(1)))


def test_holders_are_named_up_to_three():
    assert named([a(1)]) == "job job-0001"
    assert named([a(1), a(2), a(3)]) == "jobs job-0001, job-0002 and job-0003"
    assert named([a(number) for number in range(9)]).endswith("job-0002 and 6 more")


@dataclass
class Model:
    """A key as somebody with all the time in the world would keep it."""

    seating: Seating
    waiting: list[Waiter] = field(default_factory=list)
    accepted: set[JobId] = field(default_factory=set)
    gone: set[JobId] = field(default_factory=set)

    def arrive(self, job_id: JobId, rank: int, concurrency: Concurrency) -> None:
        self.seating, answer = self.seating.admit(Waiter(rank, job_id), concurrency)
        if not isinstance(answer, Refused):
            self.accepted.add(job_id)
        if isinstance(answer, Waits):
            self.waiting = sorted([*self.waiting, Waiter(answer.rank, job_id)])
            assert not answer.replaces or self.waiting[0].job_id == job_id

    def leave(self, place: int) -> None:
        held = self.seating.held_by
        if held:
            self.gone.add(held[place % len(held)])
            self.seating = self.seating.left_by(held[place % len(held)])

    def give_up(self, place: int) -> None:
        if self.waiting:
            waiter = self.waiting.pop(place % len(self.waiting))
            self.gone.add(waiter.job_id)
            self.seating = self.seating.given_up_by(waiter)

    def fill(self) -> None:
        before = len(self.seating.holders)
        self.seating, promoted = self.seating.filled()
        assert not promoted or len(self.seating.holders) <= self.seating.limit
        assert [each.job_id for each in promoted] == [waiter.job_id for waiter in self.waiting[: len(promoted)]]
        assert len(self.seating.holders) == before + len(promoted)
        self.waiting = self.waiting[len(promoted) :]
        assert not self.waiting or len(self.seating.holders) >= self.seating.limit, "somebody waits beside a free seat"


STEPS = st.one_of(
    st.tuples(
        st.just("arrive"),
        st.integers(-5, 5),
        st.builds(asked, on_conflict=st.sampled_from(OnConflict), max_waiting=st.integers(0, 6)),
    ),
    st.tuples(st.just("leave"), st.integers(0, 9)),
    st.tuples(st.just("give_up"), st.integers(0, 9)),
    st.tuples(st.just("limit"), st.integers(1, 4)),
)


@given(st.lists(STEPS, max_size=60))
def test_whatever_happens_nobody_is_lost_no_seat_is_given_twice_and_the_line_is_kept(steps):
    model = Model(Seating(key="k"))
    for number, (name, *given_) in enumerate(steps):
        if name == "limit":
            model.seating = model.seating.limited_to(*given_)
        elif name == "arrive":
            model.arrive(a(number), *given_)
        else:
            getattr(model, name)(*given_)
        model.fill()

        seating = model.seating
        assert list(seating.line) == model.waiting
        assert seating.waiting == len(model.waiting)
        assert len(set(seating.held_by)) == len(seating.held_by)
        present = {*seating.held_by, *(waiter.job_id for waiter in model.waiting)}
        assert present == model.accepted - model.gone
