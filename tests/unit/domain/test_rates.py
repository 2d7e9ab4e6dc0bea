import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.domain.rates.rate import Bucket, Rate

TEN = Rate(per_second=10, most=5)


def test_a_full_bucket_gives_all_it_holds_at_once() -> None:
    bucket, taken = Bucket().taking(5, TEN, now=100)

    assert (taken.granted, taken.left, taken.full) == (True, 0, 0.5)
    assert not bucket.taking(1, TEN, now=100)[1].granted


def test_what_is_refused_is_told_when_to_come_again() -> None:
    bucket, _ = Bucket().taking(5, TEN, now=100)
    after, taken = bucket.taking(1, TEN, now=100)

    assert after == bucket
    assert taken.again == pytest.approx(0.1)
    assert bucket.taking(1, TEN, now=100 + taken.again)[1].granted


def test_more_than_it_ever_holds_is_never_given() -> None:
    assert not Bucket().taking(6, TEN, now=0)[1].granted


@pytest.mark.parametrize(("per_second", "most"), [(0, 5), (-1, 5), (1, 0.5)])
def test_a_rate_that_lets_nobody_pass_is_none(per_second, most) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate(per_second=per_second, most=most)


@given(st.lists(st.tuples(st.floats(0, 0.3), st.integers(0, 3)), max_size=60))
def test_in_any_time_no_more_is_given_than_the_rate_allows(steps) -> None:
    bucket, now, given_out = Bucket(), 0.0, 0
    for pause, amount in steps:
        now += pause
        bucket, taken = bucket.taking(amount, TEN, now=now)
        given_out += amount if taken.granted else 0
        assert 0 <= taken.left <= TEN.most
        assert given_out <= TEN.most + TEN.per_second * now + 1e-3
