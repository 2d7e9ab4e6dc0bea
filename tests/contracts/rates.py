"""What any keeper of rates must do."""

from runyard.application.ports.rates import OwnRates, Rates
from runyard.domain.rates.rate import Rate

from .stores import at_once

SLOW = Rate(per_second=0.001, most=5)
"""Refills so slowly that no test sees it."""


class RatesContract:
    """The promises of the port `Rates`."""

    def test_a_bucket_gives_what_it_holds_and_no_more(self, rates: Rates):
        answers = [rates.take("mine", SLOW) for _ in range(7)]

        assert [answer.granted for answer in answers] == [True] * 5 + [False] * 2
        assert [answer.left for answer in answers] == [4, 3, 2, 1, 0, 0, 0]
        assert 990 < answers[-1].again <= 1000

    def test_each_name_has_a_bucket_of_its_own(self, rates: Rates):
        for _ in range(6):
            rates.take("mine", SLOW)

        assert rates.take("other", SLOW).granted

    def test_it_fills_again(self, rates: Rates):
        quick = Rate(per_second=10_000, most=1)
        assert rates.take("mine", quick).granted

        waited_for = (rates.take("mine", quick).granted for _ in range(1_000_000))
        assert any(waited_for)

    def test_looking_takes_nothing(self, rates: Rates):
        for _ in range(10):
            assert rates.take("mine", SLOW, 0).left == 5

        rates.take("mine", SLOW, 5)
        assert rates.take("mine", SLOW, 0).left == 0

    def test_what_is_given_back_may_be_taken_again_and_no_bucket_holds_more_than_it_does(self, rates: Rates):
        rates.take("mine", SLOW, 5)
        rates.take("mine", SLOW, -1)

        assert [rates.take("mine", SLOW).granted for _ in range(2)] == [True, False]
        rates.take("full", SLOW, -3)
        assert rates.take("full", SLOW, 0).left == 5

    def test_what_is_not_there_as_a_whole_is_not_taken_in_part(self, rates: Rates):
        rates.take("mine", SLOW, 3)

        assert not rates.take("mine", SLOW, 3).granted
        assert rates.take("mine", SLOW, 2).granted

    def test_of_many_at_once_as_many_get_through_as_there_is(self, rates: Rates):
        winners = at_once(20, lambda _: rates.take("mine", SLOW).granted)

        assert winners.count(True) == 5


class OwnRatesContract(RatesContract):
    """The promises of the port `OwnRates`."""

    def test_what_is_learned_counts_from_then_on(self, rates: OwnRates):
        rates.take("emptied here", SLOW, 5)
        rates.learn({"emptied here": 0.0, "emptied elsewhere": 5 / SLOW.per_second})

        assert rates.take("emptied here", SLOW).granted
        assert not rates.take("emptied elsewhere", SLOW).granted
