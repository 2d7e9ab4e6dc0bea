"""Passes, one exchanged for the next; silence, and what it means; versions of the protocol."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runyard.adapters.system.tokens import RandomTokens
from runyard.domain.accounts.tokens import parsed
from runyard.domain.jobs.lanes import Placement
from runyard.domain.runners.agent import CONTACTS, AgentSide, Contact, MachineFacts, contact
from runyard.domain.runners.errors import InvalidRunner
from runyard.domain.runners.passes import GRACE, PassKind, RunnerPass
from runyard.domain.runners.protocol import ProtocolUnknown, Spoken, agreed
from runyard.domain.runners.runner import RunnerKind
from tests.builders import NOON, a_runner, a_runner_id

HOUR = timedelta(hours=1)


def joining(**values) -> RunnerPass:
    return RunnerPass.to_join(RandomTokens().made(), a_runner_id(), now=NOON, **values)


def test_a_pass_is_good_until_its_successor_is_used_and_a_moment_longer() -> None:
    first = joining().successor(RandomTokens().made(), now=NOON)
    second = first.successor(RandomTokens().made(), now=NOON)
    old = first.exchanged(second.id)

    assert old.good(NOON + HOUR)
    over = old.succeeded(now=NOON + HOUR)
    assert over.good(NOON + HOUR)
    assert not over.good(NOON + HOUR + GRACE)
    assert over.copied(NOON + HOUR + GRACE)


def test_a_pass_to_join_is_over_at_once_when_its_successor_is_used() -> None:
    spent = joining().exchanged(joining().id).succeeded(now=NOON)

    assert not spent.good(NOON)
    assert "was used" in str(spent.refusal(NOON))


def test_what_was_revoked_or_has_expired_is_nobodys_copy_and_says_what_to_do() -> None:
    revoked, expired = joining().exchanged(joining().id).revoked(now=NOON), joining()

    assert not revoked.good(NOON)
    assert not revoked.copied(NOON)
    assert "was revoked" in str(revoked.refusal(NOON))
    assert not expired.good(NOON + HOUR)
    assert "has expired" in str(expired.refusal(NOON + HOUR))
    assert "runyard runner token" in str(expired.refusal(NOON + HOUR))


@pytest.mark.parametrize("life", [timedelta(0), timedelta(seconds=-1), timedelta(days=31), timedelta.max])
def test_a_pass_to_join_lives_for_a_while_and_no_longer(life) -> None:
    with pytest.raises(InvalidRunner, match="/expires_in"):
        joining(life=life)


def test_a_text_is_read_with_its_own_prefix_only() -> None:
    text = RandomTokens().made()
    assert text.revealed.startswith("ryu_")
    assert parsed(text.revealed) == text
    assert parsed(text.revealed, PassKind.RUNNER.prefix) is None
    assert parsed("ryr" + text.revealed[3:], PassKind.RUNNER.prefix) is None, "the checksum counts the prefix"


def test_silence_is_read_by_the_table() -> None:
    seen = [contact(NOON, left=False, now=NOON + most) for most, _ in CONTACTS]
    beyond = [contact(NOON, left=False, now=NOON + most + timedelta(microseconds=1)) for most, _ in CONTACTS]

    assert seen == [Contact.ONLINE, Contact.LATE]
    assert beyond == [Contact.LATE, Contact.OFFLINE]
    assert contact(NOON, left=True, now=NOON) is Contact.OFFLINE
    assert contact(None, left=False, now=NOON) is Contact.NEVER


def test_what_was_found_places_jobs_but_what_people_said_counts_more() -> None:
    facts = MachineFacts(system="Linux", architecture="x86_64", hostname="box", gpus=("A",))
    runner = a_runner(kind=RunnerKind.AGENT, agent=AgentSide(facts=facts), labels={"fact/system": "special"})

    assert Placement(labels={"fact/architecture": "x86_64", "fact/gpu": "yes"}).allows(runner)
    assert not Placement(labels={"fact/system": "Linux"}).allows(runner)
    assert Placement(labels={"fact/system": "special"}).allows(runner)


@pytest.mark.parametrize(
    "wrong", [{"system": "x" * 257}, {"cpus": -1}, {"memory_bytes": 1 << 62}, {"gpus": ("a",) * 65}, {"hostname": "\0"}]
)
def test_facts_that_cannot_be_kept_are_named(wrong) -> None:
    with pytest.raises(InvalidRunner) as refused:
        MachineFacts(**{"system": "Linux", **wrong})
    assert next(iter(wrong)) in refused.value.problems[0].pointer


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_the_newest_version_both_speak_counts_and_a_refusal_names_both(a, b, c, d) -> None:
    ours, theirs = Spoken(min(a, b), max(a, b)), Spoken(min(c, d), max(c, d))
    both = {*range(ours.oldest, ours.newest + 1)} & {*range(theirs.oldest, theirs.newest + 1)}

    if both:
        assert agreed(ours, theirs) == max(both)
    else:
        with pytest.raises(ProtocolUnknown) as refused:
            agreed(ours, theirs)
        assert str(ours) in str(refused.value)
        assert str(theirs) in str(refused.value)


def test_neighbours_in_version_understand_each_other() -> None:
    assert [agreed(Spoken(2, 3), theirs) for theirs in (Spoken(1, 2), Spoken(2, 3), Spoken(3, 4))] == [2, 3, 3]
