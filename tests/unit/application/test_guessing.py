"""Guesses at the password of one account, from anywhere."""

import pytest

from runyard.adapters.memory.rates import MemoryRates
from runyard.application.accounts.create_account import CreateAccountCommand
from runyard.application.accounts.create_token import Issued
from runyard.application.accounts.guessing import Unguessed, UnguessedChange
from runyard.application.accounts.log_in import LogInCommand
from runyard.application.accounts.set_password import SetPasswordCommand
from runyard.application.ports.work import StoreUnavailable
from runyard.domain.accounts.errors import InvalidAccount, TooManyGuesses, Unauthenticated
from runyard.domain.rates.rate import Rate
from tests.contracts.stores import at_once

from .yard import MemoryYard

RIGHT, A_GUESS = "correct horse battery", "battery horse correct"
THREE = Rate(per_second=1 / 60, most=3)


class Door:
    """Where somebody logs in, and how that ended, as a word."""

    def __init__(self, rate: Rate | None = THREE) -> None:
        self.yard = MemoryYard()
        self.yard.create_account.execute(CreateAccountCommand(name="ada", password=RIGHT))
        self.yard.create_account.execute(CreateAccountCommand(name="bob", password=RIGHT))
        self.log_in = Unguessed(self.yard.log_in, self.yard.store.read, MemoryRates(self.yard.clock), rate)

    def says(self, name: str, password: str = A_GUESS, *, address: str | None = None) -> str:
        try:
            self.log_in.execute(LogInCommand(name=name, password=password, address=address))
        except Unauthenticated:
            return "wrong"
        except TooManyGuesses:
            return "too many"
        return "in"


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("name", ["ada", "nobody-known", "\ud800" * 5000])
def test_of_one_name_few_guesses_are_looked_at_from_however_many_addresses(door: Door, name: str) -> None:
    answers = [door.says(name, address=f"10.0.0.{number}") for number in range(6)]

    assert answers == ["wrong"] * 3 + ["too many"] * 3
    assert door.says(name, RIGHT, address="10.0.0.9") == "too many", "a right guess is none either"
    assert door.says("bob", RIGHT, address="10.0.0.9") == "in", "of another name nothing was guessed"
    door.yard.clock.advance(60)
    assert [door.says(name), door.says(name)] == ["wrong", "too many"]


def test_who_is_refused_is_told_when_to_come_again_and_nothing_about_the_account(door: Door) -> None:
    told = []
    for name in ("ada", "nobody-known"):
        for _ in range(3):
            door.says(name)
        with pytest.raises(TooManyGuesses) as refused:
            door.log_in.execute(LogInCommand(name=name, password=RIGHT))
        told.append((str(refused.value), refused.value.again))

    assert told[0] == told[1]
    assert told[0][1] == 60
    assert "RUNYARD_FAILED_LOGINS_PER_ACCOUNT" in told[0][0]


def test_of_many_guesses_at_once_no_more_are_looked_at(door: Door) -> None:
    answers = at_once(20, lambda number: door.says("ada", address=f"10.0.1.{number}"))

    assert answers.count("wrong") == 3


@pytest.mark.parametrize(
    ("home", "again"), [("10.0.0.7", "10.0.0.7"), ("10.0.0.7", "::ffff:10.0.0.7"), ("2001:db8::1", "2001:db8::2:3:4:5")]
)
def test_strangers_keep_nobody_out_who_comes_from_where_he_logged_in_before(door: Door, home: str, again: str) -> None:
    assert door.says("ada", RIGHT, address=home) == "in"
    for number in range(5):
        door.says("ada", address=f"192.0.2.{number}")

    assert door.says("ada", RIGHT, address=again) == "in"
    assert door.says("ada", "mistyped", address=again) == "wrong"
    assert door.says("ada", RIGHT, address="192.0.2.1") == "too many"
    assert door.says("bob", RIGHT, address="192.0.2.1") == "in"
    assert door.says("ada", RIGHT) == "too many", "nowhere is not where he was"


def test_right_passwords_are_no_guesses(door: Door) -> None:
    assert {door.says("ada", RIGHT, address=f"10.0.0.{number}") for number in range(9)} == {"in"}
    assert [door.says("ada") for _ in range(4)] == ["wrong"] * 3 + ["too many"]


class Broken:
    """A store that does not answer."""

    def execute(self, command: LogInCommand, /) -> Issued:
        raise StoreUnavailable("not now")


def test_what_could_not_be_looked_at_was_no_guess(door: Door) -> None:
    rates = MemoryRates(door.yard.clock)
    broken = Unguessed(Broken(), door.yard.store.read, rates, THREE)
    for _ in range(9):
        with pytest.raises(StoreUnavailable):
            broken.execute(LogInCommand(name="ada", password=RIGHT))

    assert Unguessed(door.yard.log_in, door.yard.store.read, rates, THREE).execute(
        LogInCommand(name="ada", password=RIGHT)
    )


def test_without_a_limit_nobody_counts() -> None:
    door = Door(rate=None)

    assert {door.says("ada") for _ in range(9)} == {"wrong"}


def test_the_old_password_is_not_guessed_by_who_has_a_token_and_an_admin_sets_a_new_one_all_the_same() -> None:
    yard = Door().yard
    change = UnguessedChange(yard.set_password, MemoryRates(yard.clock), THREE)
    other, short = "another horse battery", "short"

    def says(old: str | None, new: str = other, *, needs_old: bool = True) -> str:
        try:
            change.execute(SetPasswordCommand(name="ada", new=new, old=old, needs_old=needs_old))
        except InvalidAccount as refused:
            return refused.problems[0].pointer
        except TooManyGuesses:
            return "too many"
        return "set"

    assert {says(RIGHT, short) for _ in range(9)} == {"/password"}, "a new one that is weak is no guess"
    assert [says(RIGHT), *(says(RIGHT) for _ in range(4))] == ["set", "/old", "/old", "/old", "too many"]
    assert says(other) == "too many"
    assert says(None, RIGHT, needs_old=False) == "set"
