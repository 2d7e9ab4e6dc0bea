"""Each rule is needed: without it a promise breaks, and the story shows how."""

from dataclasses import fields

import pytest

from . import stories_of_collecting, stories_of_leases, stories_of_starts  # noqa: F401 - they tell themselves
from .chaos import AROUND_STARTS, EVERYTHING, Chaos
from .judge import PromiseBroken
from .rules import Rules
from .story import STORIES, Story

NOTHING_BROKE = frozenset({"one_takeover"})
"""Tried without, as the stories of the others were, and no promise broke; kept, for it costs nothing."""


def broken_without(story: Story) -> set[str]:
    broken = set()
    for timing in story.timings:
        try:
            story.tell(Rules().without(story.rule), timing)
        except PromiseBroken as caught:
            broken.add(caught.promise)
    return broken


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.rule}: {story.tell.__name__}")
def test_with_all_rules_the_story_ends_well(story):
    for timing in story.timings:
        story.tell(Rules(), timing)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.rule}: {story.tell.__name__}")
def test_without_its_rule_the_promise_breaks(story):
    assert broken_without(story) & story.promises


def test_every_rule_has_its_story():
    assert {story.rule for story in STORIES} | NOTHING_BROKE == {field.name for field in fields(Rules)}


@pytest.mark.parametrize("rule", sorted(NOTHING_BROKE))
@pytest.mark.parametrize("mix", [EVERYTHING, AROUND_STARTS])
def test_where_nothing_breaks_without_a_rule_that_is_still_so(rule, mix):
    for seed in range(5):
        Chaos("local", "ssh", seed=seed, rules=Rules().without(rule), mix=mix).run()
